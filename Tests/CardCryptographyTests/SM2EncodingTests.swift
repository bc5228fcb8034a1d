import ByteText
import CardCryptography
import Foundation
import Testing

/// SM2's numbers between DER and fixed widths.
@Suite struct SM2EncodingTests {
    private func bytes(_ text: String?) throws -> [UInt8] { try #require(text.flatMap { [UInt8](hexadecimal: $0) }) }

    /// 10,000 seeded runs; every seventh number has zeros in front, which DER drops and fixed widths keep.
    @Test func `signatures go to DER and back with their zeros`() throws {
        var state: UInt64 = 0x534D_3200
        func next() -> UInt8 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 40)
        }
        for run in 0..<10_000 {
            var raw = (0..<64).map { _ in next() }
            if run % 7 == 0 { for index in 0..<Int(next() % 32) { raw[index] = 0 } }
            if run % 11 == 0 { for index in 32..<32 + Int(next() % 33) { raw[index] = 0 } }
            let der = try SM2.derSignature(raw)
            #expect(der[0] == 0x30 && Int(der[1]) == der.count - 2 && der.count <= 72, "run \(run)")
            #expect(try SM2.rawSignature(der) == raw, "run \(run)")
        }
    }

    @Test(arguments: [
        "", "30", "3006020101020101FF", "300602010102020001", "3006028101010201", "30060201800201FF", "3005020101",
        "3006020101040101", "30228021" + String(repeating: "01", count: 33), "300702020001020101",
    ])
    func `what is not DER in its one form is refused`(text: String) throws {
        #expect(throws: CryptographyError.malformedSignature) { try SM2.rawSignature(bytes(text)) }
    }
}

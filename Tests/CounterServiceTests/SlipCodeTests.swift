import CardData
import Foundation
import Lifecycle
import Testing

@testable import CounterService

/// QR codes against those of another encoder (`Fixtures/qr/codes.json`), and what a slip's code says.
@Suite struct SlipCodeTests {
    private struct Fixture: Decodable {
        struct Code: Decodable {
            let text: String
            let mask: Int
            let version: Int
            let rows: [String]
        }

        let codes: [Code]
    }

    private func fixture() throws -> Fixture {
        let file = Window.root.appending(path: "Fixtures/qr/codes.json")
        return try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: file))
    }

    @Test func everyModuleIsThatOfAnotherEncoder() throws {
        let codes = try fixture().codes
        #expect(Set(codes.map(\.version)) == Set(1...6) && Set(codes.map(\.mask)) == Set(0..<8))
        for code in codes {
            let made = try #require(QRCode(Array(code.text.utf8), mask: code.mask))
            let rows = made.modules.map { line in String(line.map { $0 ? "#" : "." }) }
            #expect(rows == code.rows, "\(code.text), mask \(code.mask)")
        }
    }

    @Test func aBlockWithItsCheckCodewordsDividesWithoutRemainder() {
        for degree in [10, 16, 18, 24, 26] {
            let data: [UInt8] = (0..<43).map { UInt8($0 * 37 & 0xFF) }
            let whole = data + ReedSolomon.remainder(of: data, degree: degree)
            #expect(ReedSolomon.remainder(of: whole, degree: degree) == Array(repeating: 0, count: degree))
            var torn = whole
            torn[7] ^= 1
            #expect(ReedSolomon.remainder(of: torn, degree: degree) != Array(repeating: 0, count: degree))
        }
    }

    @Test func whatDoesNotFitIsNoCode() {
        #expect(QRCode(Array(repeating: 0x41, count: 106))?.size == 41)
        #expect(QRCode(Array(repeating: 0x41, count: 107)) == nil)
    }

    @Test func theCodeOfTheLongestEventNumberFitsAndIsReadBack() throws {
        let hash = String(repeating: "A5", count: 32)
        let code = SlipCode(event: EventIdentifier(counter: UInt64(UInt32.max), sequence: .max), hash: hash)
        #expect(code.drawing?.side == 49)
        #expect(try SlipCode(scanned: code.text) == code)
        #expect(try SlipCode(scanned: code.text.uppercased()) == code)
    }

    @Test func aSlipOfPracticeHasACodeOfItsOwn() throws {
        let hash = String(repeating: "A5", count: 32)
        let code = SlipCode(event: EventIdentifier(counter: 1, sequence: 1), hash: hash, isTraining: true)
        #expect(code.text.hasPrefix("sscard-training:1/1:"))
        #expect(try SlipCode(scanned: code.text) == code)
        #expect(try SlipCode(scanned: code.text)?.isTraining == true)
    }

    @Test func whatBeginsAsACodeAndIsNoneIsTold() throws {
        #expect(try SlipCode(scanned: "990101199003070011") == nil)
        #expect(try SlipCode(scanned: "SSCARD") == nil)
        let hash = String(repeating: "A5", count: 32)
        for text in [
            "sscard:", "sscard:1:\(hash)", "sscard:1/x:\(hash)", "sscard:1/2:\(hash.dropLast())", "sscard:1/2:\(hash):",
        ] {
            #expect(throws: Faults("counter.slip-code"), "\(text)") { try SlipCode(scanned: text) }
        }
    }
}

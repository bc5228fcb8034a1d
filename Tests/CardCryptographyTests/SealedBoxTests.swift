import CardCryptography
import Testing

@Suite struct SealedBoxTests {
    private let key = [UInt8](repeating: 0x42, count: 32)
    private let plain = Array("DF01".utf8)

    @Test func `what was sealed opens again, and two boxes differ`() throws {
        let box = try SealedBox.seal(plain.span, key: key.span, header: [1])
        let opened = try SealedBox.open(box, key: key.span, header: [1]).unprotectedCopy()
        #expect(opened == plain)
        #expect(box.count == plain.count + SealedBox.overhead)
        #expect(try SealedBox.seal(plain.span, key: key.span, header: [1]) != box)
    }

    @Test func `an altered byte anywhere is noticed`() throws {
        let box = try SealedBox.seal(plain.span, key: key.span)
        for index in box.indices {
            var altered = box
            altered[index] ^= 0x80
            #expect(throws: CryptographyError.notAuthentic) { _ = try SealedBox.open(altered, key: key.span) }
        }
    }

    @Test func `another header, another key, a shortened box are refused`() throws {
        let box = try SealedBox.seal(plain.span, key: key.span, header: [1])
        let other = [UInt8](repeating: 0x43, count: 32)
        #expect(throws: CryptographyError.notAuthentic) { _ = try SealedBox.open(box, key: key.span, header: [2]) }
        #expect(throws: CryptographyError.notAuthentic) { _ = try SealedBox.open(box, key: other.span, header: [1]) }
        for count in 0..<box.count {
            #expect(throws: CryptographyError.notAuthentic) {
                _ = try SealedBox.open(Array(box.prefix(count)), key: key.span, header: [1])
            }
        }
    }

    @Test func `nothing can be sealed too`() throws {
        let box = try SealedBox.seal([UInt8]().span, key: key.span)
        #expect(try SealedBox.open(box, key: key.span).count == 0)
    }
}

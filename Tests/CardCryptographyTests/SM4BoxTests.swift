import ByteText
import CardCryptography
import Testing

@Suite struct SM4BoxTests {
    private let key = [UInt8](repeating: 0x42, count: 32)
    private let plain = Array("主控密钥".utf8)

    @Test func `what was sealed opens again, and two boxes differ`() throws {
        for count in [0, 1, 15, 16, 17, 4096] {
            let plain = [UInt8](repeating: 7, count: count)
            let box = try SM4Box.seal(plain.span, key: key.span, header: [1])
            #expect(box.count == count + SM4Box.overhead)
            #expect(try SM4Box.open(box, key: key.span, header: [1]).unprotectedCopy() == plain)
            #expect(try SM4Box.seal(plain.span, key: key.span, header: [1]) != box)
        }
    }

    @Test func `an altered byte anywhere, another header, another key, a shortened box are refused`() throws {
        let box = try SM4Box.seal(plain.span, key: key.span, header: [1, 2])
        for index in box.indices {
            var altered = box
            altered[index] ^= 1
            #expect(throws: CryptographyError.notAuthentic) {
                _ = try SM4Box.open(altered, key: key.span, header: [1, 2])
            }
            #expect(throws: CryptographyError.notAuthentic) {
                _ = try SM4Box.open(Array(box.prefix(index)), key: key.span, header: [1, 2])
            }
        }
        let other = [UInt8](repeating: 0x43, count: 32)
        #expect(throws: CryptographyError.notAuthentic) {
            _ = try SM4Box.open(box, key: other.span, header: [1, 2])
        }
        #expect(throws: CryptographyError.notAuthentic) { _ = try SM4Box.open(box, key: key.span, header: [1]) }
    }

    /// Made with OpenSSL 3.0's command line alone: `openssl kdf` (HKDF, digest SM3), `openssl enc -sm4-ctr`, `openssl mac` (HMAC,
    /// digest SM3), put together as the type's comment says.
    @Test func `a box that openssl made opens`() throws {
        let box = try #require([UInt8](hexadecimal: Self.foreign))
        let opened = try SM4Box.open(box, key: key.span, header: Array("header".utf8)).unprotectedCopy()
        #expect(opened == Array("sixteen bytes and some more".utf8))
    }

    private static let foreign = """
        FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF8F5E4540FD1D62CBA972ED27E46BAB2978B0217DBF57180E59320D5E532D6B6B
        100FA5B5D1370D7590260057D1B986D16B5C75E0C82063C8D38C2C
        """

    @Test(arguments: Seal.allCases) func `a seal opens what it sealed and nothing else`(seal: Seal) throws {
        let box = try seal.seal(plain.span, key: key.span, header: [9])
        #expect(try seal.open(box, key: key.span, header: [9]).unprotectedCopy() == plain)
        for other in Seal.allCases where other != seal {
            #expect(throws: CryptographyError.notAuthentic) { _ = try other.open(box, key: key.span, header: [9]) }
        }
    }
}

import CardCryptography
import Testing

/// Places where OpenSSL 3.0 answers wrongly without saying so; each test would fail on the naive use.
@Suite struct OpenSSLTrapTests {
    // GM/T 0003.5-2012 annex A
    private let point = """
        0409F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020\
        CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13
        """
    private let signature = """
        F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3\
        B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA
        """
    private let message = Array("message digest".utf8)

    @Test func `an SM2 signature needs its identifier, and none is not the default one`() throws {
        let key = try SM2.VerificationKey(point: bytes(point))
        #expect(try key.verify(bytes(signature), of: message, identifier: SM2.defaultIdentifier))
        #expect(throws: CryptographyError.wrongLength("identifier", 0)) {
            try key.verify(bytes(signature), of: message, identifier: [])
        }
    }

    @Test func `the default identifier has 16 bytes, no terminating zero among them`() throws {
        let key = try SM2.VerificationKey(point: bytes(point))
        #expect(SM2.defaultIdentifier.count == 16)
        #expect(try !key.verify(bytes(signature), of: message, identifier: SM2.defaultIdentifier + [0]))
    }

    @Test func `CMAC is chained, which a wrong cipher name would silently not be`() throws {
        // GB/T 15852.1-2020 annex B scheme 5; under an ECB name OpenSSL gives another value without an error
        let key = try bytes("0123456789abcdeffedcba9876543210")
        let message = Array("This is the test message for mac".utf8)
        let vectors = try VectorFile.all().flatMap(\.file.cases)
        let published = try #require(
            vectors.first {
                $0.alg == "cmac" && $0.cipher == "SM4"
                    && $0.msg == "54686973206973207468652074657374206d65737361676520666f72206d6163"
            })
        #expect(try BlockCipherMAC.cmac(.sm4, key: key.span, message) == bytes(#require(published.mac)))
    }

    @Test func `CMAC with single DES is refused, for a double key would be needed`() {
        #expect(throws: CryptographyError.notAvailable("CMAC with single DES")) {
            try BlockCipherMAC.cmac(.singleDES, key: [UInt8](repeating: 1, count: 8).span, [])
        }
    }

    @Test func `single DES works without the legacy provider`() throws {
        // FIPS 81 appendix B1, the ECB example's first block
        let key = try BlockCipherKey(.singleDES, bytes("0123456789ABCDEF"))
        #expect(try key.encrypt(Array("Now is t".utf8)) == bytes("3FA40E8A984D4815"))
    }

    @Test func `deciphering gives every block back, the last one too`() throws {
        // with padding on, OpenSSL would hold the last block back
        for cipher in BlockCipher.allCases {
            let key = try BlockCipherKey(cipher, Array(1...UInt8(cipher.keyLength)))
            let plain = [UInt8](repeating: 0x80, count: 3 * cipher.blockLength)
            let enciphered = try key.encrypt(plain)
            #expect(enciphered.count == plain.count)
            #expect(try key.decrypt(enciphered) == plain)
        }
    }

    @Test func `a key that was replaced leaves nothing of the old one, in either direction`() throws {
        for cipher in BlockCipher.allCases {
            let other = Array((1...UInt8(cipher.keyLength)).reversed())
            let block = [UInt8](repeating: 0x5A, count: cipher.blockLength)
            var replaced = try BlockCipherKey(cipher, Array(1...UInt8(cipher.keyLength)))
            _ = try replaced.decrypt(block)
            try replaced.replace(with: other.span)
            let fresh = try BlockCipherKey(cipher, other)
            #expect(try replaced.encrypt(block) == fresh.encrypt(block))
            #expect(try replaced.decrypt(block) == fresh.decrypt(block))
        }
    }

    @Test func `keys and data of wrong lengths are refused`() throws {
        for cipher in BlockCipher.allCases {
            #expect(throws: CryptographyError.wrongLength("key", cipher.keyLength + 1)) {
                _ = try BlockCipherKey(cipher, [UInt8](repeating: 1, count: cipher.keyLength + 1))
            }
            let key = try BlockCipherKey(cipher, [UInt8](repeating: 1, count: cipher.keyLength))
            #expect(throws: CryptographyError.wrongLength("blocks", 7)) {
                try key.encrypt([UInt8](repeating: 0, count: 7))
            }
        }
    }

    @Test(arguments: [
        // the weak and semi-weak keys of NIST SP 800-67, with and without their parity bits
        ("0101010101010101", true), ("FEFEFEFEFEFEFEFE", true), ("FFFFFFFFFFFFFFFF", true), ("0000000000000000", true),
        ("01FE01FE01FE01FE", true), ("1FE01FE00EF10EF1", true), ("0123456789ABCDEF", false),
    ])
    func `weak DES keys are known, whatever their parity`(key: String, weak: Bool) throws {
        let key = try bytes(key)
        #expect(BlockCipherKey.isWeak(.singleDES, key.span) == weak)
        let double = try key + bytes("FEDCBA9876543210")
        #expect(BlockCipherKey.isWeak(.tripleDES, double.span) == weak)
    }

    @Test func `a double DES key with equal halves is weak, for it is single DES`() throws {
        let key = try bytes("0123456789ABCDEF0022446688AACCEE")  // equal but for parity
        let isWeak = BlockCipherKey.isWeak(.tripleDES, key.span)
        #expect(isWeak)
    }
}

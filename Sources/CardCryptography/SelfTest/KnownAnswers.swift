import ByteText

/// Asks the cryptographic library for answers that are published, so that a broken or replaced one is noticed at start-up.
public enum KnownAnswers {
    /// Checks ciphers, hash, and every MAC and key derivation function that cards or stores rely on; once in a process, later calls repeat the first answer.
    ///
    /// - Throws: `knownAnswerFailed` with the name of what came out wrong.
    public static func check() throws(CryptographyError) {
        if let failure { throw failure }
    }

    private static let failure: CryptographyError? = {
        do throws(CryptographyError) {
            for answer in all { try answer.check() }
            return nil
        } catch {
            return error
        }
    }()

    /// One question with its published answer.
    struct Answer: Sendable {
        let name: String
        let expected: String
        let compute: @Sendable () throws(CryptographyError) -> [UInt8]

        func check() throws(CryptographyError) {
            let computed: [UInt8]
            do throws(CryptographyError) {
                computed = try compute()
            } catch {
                throw .knownAnswerFailed(name)
            }
            guard computed.hexadecimal == expected else { throw .knownAnswerFailed(name) }
        }
    }

    private static let key = bytes("0123456789ABCDEFFEDCBA9876543210")

    static let all = [
        // NIST CAVP TECBMMT2, count 0
        Answer(name: "3DES", expected: "908E543CF2CB254F") { () throws(CryptographyError) in
            try BlockCipherKey(.tripleDES, bytes("AD192FD064B5579E7A4FB3C8F794F22A")).encrypt(bytes("13BAD542F3652D67"))
        },
        // GB/T 32907-2016 A.1
        Answer(name: "SM4", expected: "681EDF34D206965E86B3E94F536E4246") { () throws(CryptographyError) in
            try BlockCipherKey(.sm4, key).encrypt(key)
        },
        // GB/T 32905-2016 A.1
        Answer(
            name: "SM3", expected: "66C7F0F462EEEDD9D1F2D46BDC10E4E24167C4875CF2F7A2297DA02B8F4BA8E0"
        ) { () throws(CryptographyError) in
            try HashFunction.sm3.hash(Array("abc".utf8))
        },
        // ISO/IEC 9797-1 algorithm 3, padding 1
        Answer(name: "retail MAC", expected: "A1C72E74EA3FA9B6") { () throws(CryptographyError) in
            try BlockCipherMAC.retailMAC(
                BlockCipherKey(.singleDES, Array(key.prefix(8))), BlockCipherKey(.singleDES, Array(key.suffix(8))),
                Array("Now is the time for all ".utf8), padding: .zeros)
        },
        // NIST SP 800-38B, AES-128 example 2
        Answer(name: "CMAC", expected: "070A16B46B4D4144F79BDD9DD04A287C") { () throws(CryptographyError) in
            try BlockCipherMAC.cmac(
                .aes128, key: bytes("2B7E151628AED2A6ABF7158809CF4F3C").span, bytes("6BC1BEE22E409F96E93D7E117393172A"))
        },
        // GB/T 15852.1-2020 annex B, scheme 1 over the empty message: the chain of SM4 cards
        Answer(name: "SM4 CBC-MAC", expected: "8C338E5A27E349BEAE39214FEDA97099") { () throws(CryptographyError) in
            try BlockCipherMAC.cbcMAC(BlockCipherKey(.sm4, key), [], padding: .bit)
        },
        // GB/T 15852.1-2020 annex B, scheme 5 over the empty message
        Answer(name: "SM4 CMAC", expected: "29E154322E5C7BD8EE6A25BA549B24BC") { () throws(CryptographyError) in
            try BlockCipherMAC.cmac(.sm4, key: key.span, [])
        },
        // ISO/IEC 9797-1 algorithm 1 with single DES, padding 1
        Answer(name: "DES CBC-MAC", expected: "70A30640CC76DD8B") { () throws(CryptographyError) in
            try BlockCipherMAC.cbcMAC(
                BlockCipherKey(.singleDES, Array(key.prefix(8))), Array("Now is the time for all ".utf8),
                padding: .zeros)
        },
        // Project Wycheproof, hmac_sm3, case 1
        Answer(
            name: "HMAC-SM3", expected: "F9938B1B2515117F25DCD636C9A6A0E7F00BCCAF5347E0E0DF435CFCA736CFC1"
        ) { () throws(CryptographyError) in
            let key = bytes("1E225CAFB90339BBA1B24076D4206C3E79C355805D851682BC818BAA4F5A7779")
            return try HashFunction.sm3.hmac(key: key.span, [])
        },
        // RFC 5869, test case 3
        Answer(
            name: "HKDF-SHA256",
            expected: "8DA4E775A563C18F715F802A063C5A31B8A11F5C5EE1879EC3454E5F3C738D2D9D201395FAA4B61A96C8"
        ) { () throws(CryptographyError) in
            let secret = [UInt8](repeating: 0x0B, count: 22)
            return try KeyDerivation.hkdf(secret: secret.span, salt: [], info: [], count: 42).unprotectedCopy()
        },
        // RFC 7914, section 12, the first example, its left 16 bytes
        Answer(name: "scrypt", expected: "77D6576238657B203B19CA42C18A0497") { () throws(CryptographyError) in
            let none: [UInt8] = []
            return try KeyDerivation.scrypt(
                passphrase: none.span, salt: [], cost: .init(cost: 16, blockSize: 1), count: 64
            ).withSpan { span in (0..<16).map { span[$0] } }
        },
        // the published walk-through of EMV option A: both halves of a 3DES card key
        Answer(name: "diversification", expected: "CB45F993BDDA763EF030AF6CE1762735") { () throws(CryptographyError) in
            try BlockCipherKey(.tripleDES, key).encrypt(bytes("5678123456789101A987EDCBA9876EFE"))
        },
        // an FMCOS manual: the cryptogram of EXTERNAL AUTHENTICATE
        Answer(name: "card cryptogram", expected: "74B0047DD681D96C") { () throws(CryptographyError) in
            try CardCryptogram.plainCryptogram(
                key: bytes("0102030405060708"), cipher: .tripleDES, challenge: bytes("BB83BFF3"))
        },
        // the purse of the PBOC card: session key of a load
        Answer(name: "session key", expected: "9B1D924E05595603") { () throws(CryptographyError) in
            try CardCryptogram.sessionKey(
                key: bytes("11223344556677888877665544332211"), cipher: .tripleDES,
                factor: bytes("1122334400008000"), form: .init())
        },
        // McGrew and Viega, The Galois/Counter Mode of Operation, test case 14
        Answer(
            name: "AES-GCM", expected: "CEA7403D4D606B6E074EC5D3BAF39D18D0D1C8A799996BF0265B98B5D48AB919"
        ) { () throws(CryptographyError) in
            let zeros = [UInt8](repeating: 0, count: 32)
            let box = try SealedBox.seal(
                zeros.span.extracting(0..<16), key: zeros.span, header: [], nonce: Array(zeros.prefix(12)))
            return Array(box.dropFirst(12))
        },
    ]

    // a literal of this file; an empty one would fail every comparison
    private static func bytes(_ text: String) -> [UInt8] { [UInt8](hexadecimal: text) ?? [] }
}

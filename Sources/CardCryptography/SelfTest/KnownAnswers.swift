import ByteText

/// Asks the cryptographic library for answers that are published, so that a broken or replaced one is noticed at start-up.
public enum KnownAnswers {
    /// Checks triple DES, SM4, SM3, the retail MAC, CMAC and AES-GCM; once in a process, later calls repeat the first answer.
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

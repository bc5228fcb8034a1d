import Testing

@testable import CardCryptography

@Suite struct KnownAnswersTests {
    @Test func `the library on this machine gives the published answers`() throws {
        try KnownAnswers.check()
        #expect(
            KnownAnswers.all.map(\.name) == [
                "3DES", "SM4", "SM3", "retail MAC", "CMAC", "SM4 CBC-MAC", "SM4 CMAC", "DES CBC-MAC", "HMAC-SM3",
                "HKDF-SHA256", "scrypt", "diversification", "card cryptogram", "session key", "AES-GCM",
            ])
    }

    @Test func `another answer, or none, is told with its name`() {
        let wrong = KnownAnswers.Answer(name: "SM4", expected: "00") { [1] }
        #expect(throws: CryptographyError.knownAnswerFailed("SM4")) { try wrong.check() }
        let missing = KnownAnswers.Answer(name: "SM4", expected: "00") { () throws(CryptographyError) in
            throw .notAvailable("SM4-ECB")
        }
        #expect(throws: CryptographyError.knownAnswerFailed("SM4")) { try missing.check() }
    }
}

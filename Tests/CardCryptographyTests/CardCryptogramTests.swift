import CardCryptography
import Testing

/// What the published samples in `Fixtures/vectors/cos_dialects.json` do not say.
@Suite struct CardCryptogramTests {
    @Test func `a changed byte of the enciphered data is noticed`() throws {
        let key = try bytes("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF")
        #expect(throws: CryptographyError.malformedPlaintext) {
            try CardCryptogram.decipher(
                key: key, cipher: .tripleDES, enciphered: bytes("7D87BC23140021B3AFEA67E6359DDCFE"))
        }
    }
}

/// Forms for which only the construction is known: each is compared with the same construction written out over single blocks.
@Suite struct CardCryptogramFormTests {
    private let key = Array(UInt8(0x10)...0x1F)
    private let factor = Array(UInt8(0xA0)...0xA7)
    private let original = Array(UInt8(1)...8)

    private func cryptogram(_ cipher: CardCipher, _ form: CardCryptogram.Form) throws -> [UInt8] {
        try CardCryptogram.sessionCryptogram(key: key, cipher: cipher, factor: factor, original: original, form: form)
    }

    @Test func `a 3DES session key of 8 bytes is single DES`() throws {
        let session = try BlockCipherKey(.tripleDES, key).encrypt(factor)
        let expected = try BlockCipherKey(.singleDES, session).encrypt(original)
        #expect(try cryptogram(.tripleDES, .init(sessionKeyWidth: 8)) == expected)
    }

    @Test func `a 3DES session key of 16 bytes has a half from the inverted factor`() throws {
        let master = try BlockCipherKey(.tripleDES, key)
        let session = try master.encrypt(factor) + master.encrypt(factor.map { ~$0 })
        let expected = try BlockCipherKey(.tripleDES, session).encrypt(original)
        #expect(try cryptogram(.tripleDES, .init(sessionKeyWidth: 16)) == expected)
    }

    @Test func `an SM4 cryptogram of 8 bytes is the left half of a block`() throws {
        let session = try BlockCipherKey(.sm4, key).encrypt(factor + factor.map { ~$0 })
        let block = try BlockCipherKey(.sm4, session).encrypt(original + [UInt8](repeating: 0, count: 8))
        #expect(try cryptogram(.sm4, .init()) == Array(block.prefix(8)))
    }

    @Test func `an SM4 cryptogram in full form is a block over 16-byte challenges`() throws {
        let form = CardCryptogram.Form(fullSM4Block: true)
        let session = try BlockCipherKey(.sm4, key).encrypt(factor + factor)
        let expected = try BlockCipherKey(.sm4, session).encrypt(original + original)
        #expect(
            try CardCryptogram.sessionCryptogram(
                key: key, cipher: .sm4, factor: factor + factor, original: original + original, form: form) == expected)
        #expect(throws: CryptographyError.wrongLength("session factor", 8)) { try cryptogram(.sm4, form) }
    }

    @Test func `lengths that do not fit are refused`() {
        #expect(throws: CryptographyError.wrongLength("session key", 12)) {
            try cryptogram(.tripleDES, .init(sessionKeyWidth: 12))
        }
        #expect(throws: CryptographyError.wrongLength("challenge", 5)) {
            try CardCryptogram.plainCryptogram(key: key, cipher: .sm4, challenge: [1, 2, 3, 4, 5])
        }
        #expect(throws: CryptographyError.wrongLength("key", 8)) {
            try CardCryptogram.plainCryptogram(key: factor, cipher: .sm4, challenge: original)
        }
        #expect(throws: CryptographyError.wrongLength("challenge", 16)) {
            try CardCryptogram.initialValue(challenge: factor + original, cipher: .tripleDES)
        }
    }

    @Test(arguments: CardCipher.allCases, 0...40)
    func `enciphered data comes back whatever its length`(cipher: CardCipher, count: Int) throws {
        let plain = (0..<count).map { UInt8($0) }
        let enciphered = try CardCryptogram.encipher(key: key, cipher: cipher, plain: plain)
        let block = cipher.blockLength
        #expect(enciphered.count == (count + 1 + block - 1) / block * block)
        #expect(try CardCryptogram.decipher(key: key, cipher: cipher, enciphered: enciphered) == plain)
    }

    @Test func `the reload MAC folds the key`() throws {
        let folded = zip(key.prefix(8), key.suffix(8)).map { $0 ^ $1 }
        let mac = try BlockCipherMAC.cbcMAC(BlockCipherKey(.singleDES, folded), [0x12, 0x34, 0x56], padding: .bit)
        #expect(try CardCryptogram.reloadMAC(key: key, pin: [0x12, 0x34, 0x56]) == Array(mac.prefix(4)))
    }
}

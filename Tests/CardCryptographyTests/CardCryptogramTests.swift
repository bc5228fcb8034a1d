import CardCryptography
import Testing

/// Published manual samples and live traces of card operating systems, as collected in the paper on COS dialects, section 5.
@Suite struct CardCryptogramTests {
    @Test(arguments: [
        // FMCOS manual; a real FMCOS card, whose key of FF is the same as single and as double key; Huada MCOS manual
        ("0102030405060708", "BB83BFF3", "74B0047DD681D96C"),
        ("FFFFFFFFFFFFFFFF", "53FD1F262EC4E6E2", "A0DBBFC1192FF24A"),
        ("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", "53FD1F262EC4E6E2", "A0DBBFC1192FF24A"),
        ("00000000000000000000000000000000", "8F8D5AEA85880901", "82FE8A38C35A59DF"),
    ])
    func `the plain external authentication is what cards accept`(key: String, challenge: String, answer: String) throws
    {
        let cryptogram = try CardCryptogram.plainCryptogram(
            key: bytes(key), cipher: .tripleDES, challenge: bytes(challenge))
        #expect(try cryptogram == bytes(answer))
    }

    @Test(arguments: [
        // FMCOS, TimeCOS and Huada MCOS manuals
        ("1122334455667788", "0102030405060708", "178F59F8578E0D3F"),
        ("57415443484441544154696D65434F53", "1122334455667788", "07CBF615E7D72F96"),
        ("00000000000000000000000000000000", "1122334455667788", "CD72DFC6E6D040A4"),
    ])
    func `internal authentication enciphers the data`(key: String, data: String, answer: String) throws {
        let cryptogram = try CardCryptogram.plainCryptogram(key: bytes(key), cipher: .tripleDES, challenge: bytes(data))
        #expect(try cryptogram == bytes(answer))
    }

    @Test(arguments: [
        // INTERNAL AUTHENTICATE, P1 02: FMCOS and TimeCOS manuals, no challenge
        ("1122334455667788", "", "0102030405060708", "A82A8CEB"),
        ("57415443484441544154696D65434F53", "", "1122334455667788", "8756E285"),
        // UPDATE BINARY of a real card
        (
            "36363636363636363636363636363636", "A3BBCFC8",
            "04D6950022 0001220000 01FFFF01010000220000000000000620160101205012310000", "96E32EF1"
        ),
        // CARD BLOCK, APPLICATION BLOCK, APPLICATION UNBLOCK, READ BINARY: Huada MCOS manual
        ("00000000000000000000000000000000", "C2F02FFC", "8416000004", "00CE33E6"),
        ("00000000000000000000000000000000", "B5B0C549", "841E000004", "34BE5E04"),
        ("00000000000000000000000000000000", "DFBD968E", "8418000004", "7C76AAA0"),
        ("00000000000000000000000000000000", "9951EF63", "04B0000004", "B97F4D32"),
    ])
    func `command MACs are those of the manuals and of real cards`(
        key: String, challenge: String, message: String, mac: String
    ) throws {
        let initialValue = try CardCryptogram.initialValue(challenge: bytes(challenge), cipher: .tripleDES)
        let computed = try CardCryptogram.commandMAC(
            key: bytes(key), cipher: .tripleDES, initialValue: initialValue,
            message: bytes(message.filter { $0 != " " }))
        #expect(try computed == bytes(mac))
    }

    struct WriteKey: Sendable {
        let header: String
        let master: String
        let challenge: String
        let plain: String
        let cipher: String
        let mac: String
    }

    static let writeKeys = [
        // real FMCOS card: add, change 39→F9, change F9→39
        WriteKey(
            header: "84D4010214", master: "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", challenge: "4C45BAB9",
            plain: "F9F0F0AAFF1122334455667788", cipher: "7C87BC23140021B3AFEA67E6359DDCFE", mac: "D7C943F6"),
        WriteKey(
            header: "84D4390114", master: "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", challenge: "EF364818",
            plain: "F9F0F0AAFF1122334455667788", cipher: "7C87BC23140021B3AFEA67E6359DDCFE", mac: "9095E4E1"),
        WriteKey(
            header: "84D4F90214", master: "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", challenge: "C0B3549C",
            plain: "39F0F0AAFF1122334455667788", cipher: "7E65DE142F66CA41AFEA67E6359DDCFE", mac: "012EF5F5"),
        // Huada MCOS manual: master update of 19 zero bytes under an 8-byte challenge
        WriteKey(
            header: "84D401001C", master: "00000000000000000000000000000000", challenge: "7E6AF6769EF3A06E",
            plain: "00000000000000000000000000000000000000",
            cipher: "433CF82F6BDA75F68CA64DE9C1B123A7E943D7568AEC0C5C", mac: "73AB2406"),
        // PSAM
        WriteKey(
            header: "84D400001C", master: "00112233445566778899AABBCCDDEEFF", challenge: "5D72B3FD",
            plain: "22000000112233445566778899AABBCCDDEEFF",
            cipher: "DCC0BB5793ABFCA2CA8C1624822F6E01A86A0B5CBED191DD", mac: "8A9D4ADB"),
    ]

    @Test(arguments: writeKeys)
    func `enciphered commands are those of real cards`(sample: WriteKey) throws {
        let master = try bytes(sample.master)
        let enciphered = try CardCryptogram.encipher(key: master, cipher: .tripleDES, plain: bytes(sample.plain))
        #expect(try enciphered == bytes(sample.cipher))
        let initialValue = try CardCryptogram.initialValue(challenge: bytes(sample.challenge), cipher: .tripleDES)
        let mac = try CardCryptogram.commandMAC(
            key: master, cipher: .tripleDES, initialValue: initialValue, message: bytes(sample.header) + enciphered)
        #expect(try mac == bytes(sample.mac))
        let plain = try CardCryptogram.decipher(key: master, cipher: .tripleDES, enciphered: bytes(sample.cipher))
        #expect(try plain == bytes(sample.plain))
    }

    @Test func `a MAC over a long command with an 8-byte challenge is that of the manual`() throws {
        // Huada MCOS WRITE KEY
        let key = [UInt8](repeating: 0, count: 16)
        let enciphered = try bytes("6A0F5774A86E4E3E8CA64DE9C1B123A78CA64DE9C1B123A7D9031B0271BD5A0A")
        let initialValue = try CardCryptogram.initialValue(challenge: bytes("DA0CF4E19D8C8549"), cipher: .tripleDES)
        let mac = try CardCryptogram.commandMAC(
            key: key, cipher: .tripleDES, initialValue: initialValue, message: bytes("84D4000124") + enciphered)
        #expect(try mac == bytes("198C5CD3"))
    }

    @Test func `a changed byte of the enciphered data is noticed`() throws {
        let key = try bytes("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF")
        #expect(throws: CryptographyError.malformedPlaintext) {
            try CardCryptogram.decipher(
                key: key, cipher: .tripleDES, enciphered: bytes("7D87BC23140021B3AFEA67E6359DDCFE"))
        }
    }

    @Test func `the session key of the wallet is that of the manual`() throws {
        // FMCOS wallet load: session key 3B75C79CFA8C2327 from RND 4E066548, serial 0000, 8000
        let key = try bytes("3F3F3F3F3F3F3F3F1122334455667788")
        let session = try CardCryptogram.sessionKey(
            key: key, cipher: .tripleDES, factor: bytes("4E06654800008000"), form: .init())
        #expect(try session == bytes("3B75C79CFA8C2327"))
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

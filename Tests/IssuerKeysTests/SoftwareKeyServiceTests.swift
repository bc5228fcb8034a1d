import ByteText
import CardCryptography
import CardData
import ISO7816
import Testing

@testable import IssuerKeys

@Suite struct SoftwareKeyServiceTests {
    let service: SoftwareKeyService
    let card = CardKeyContext(
        algorithm: .tripleDES, area: "990100", cardFactor: [0x86, 0x49, 1, 2, 3, 4, 5, 6])
    let sm4Card = CardKeyContext(algorithm: .sm4, area: "990100", cardFactor: [0x86, 0x49, 1, 2, 3, 4, 5, 6])
    let pair = ChallengePair(factor: [1, 2, 3, 4, 5, 6, 7, 8], original: [9, 8, 7, 6, 5, 4, 3, 2])

    init() throws { service = try Surroundings.service(Surroundings.development()) }

    func issuer(_ name: String) -> CardKeyReference { .issuer(KeyName(rawValue: name)) }

    /// The card's key, made beside the service.
    func cardKey(_ name: String, _ card: CardKeyContext) throws -> [UInt8] {
        let set = try Surroundings.development()
        let held = try #require(set[.init(name: KeyName(rawValue: name), algorithm: card.algorithm)])
        let factors = try [
            #require(AreaFactor.city(card.area)), #require(DiversificationFactor(card.cardFactor)),
        ]
        return try held.derived(card.algorithm == .sm4 ? .sm4 : .tripleDES, factors: factors, parity: .none)
            .unprotectedCopy()
    }

    // MARK: - Published values

    @Test(arguments: [
        // FMCOS manual; a real FMCOS card; Huada MCOS manual (the paper on COS dialects, section 5)
        ("0102030405060708", "BB83BFF3", "74B0047DD681D96C"),
        ("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", "53FD1F262EC4E6E2", "A0DBBFC1192FF24A"),
        ("00000000000000000000000000000000", "8F8D5AEA85880901", "82FE8A38C35A59DF"),
    ])
    func `the plain external authentication is what cards accept`(key: String, challenge: String, answer: String) throws
    {
        let cryptogram = try service.plainExternalAuthentication(
            with: .transport(bytes(key)), of: card, challenge: bytes(challenge), form: CryptogramForm())
        #expect(try cryptogram == bytes(answer))
    }

    struct WriteKey: Sendable {
        let p1: UInt8
        let p2: UInt8
        let header: String
        let key: String
        let master: String
        let challenge: String
        let command: String
    }

    static let writeKeys = [
        // a real FMCOS card: add, change 39→F9, change F9→39
        WriteKey(
            p1: 0x01, p2: 0x02, header: "F9F0F0AAFF", key: "1122334455667788",
            master: "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", challenge: "4C45BAB9",
            command: "84D40102147C87BC23140021B3AFEA67E6359DDCFED7C943F6"),
        WriteKey(
            p1: 0x39, p2: 0x01, header: "F9F0F0AAFF", key: "1122334455667788",
            master: "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", challenge: "EF364818",
            command: "84D43901147C87BC23140021B3AFEA67E6359DDCFE9095E4E1"),
        WriteKey(
            p1: 0xF9, p2: 0x02, header: "39F0F0AAFF", key: "1122334455667788",
            master: "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", challenge: "C0B3549C",
            command: "84D4F902147E65DE142F66CA41AFEA67E6359DDCFE012EF5F5"),
        // Huada MCOS manual, under an 8-byte challenge
        WriteKey(
            p1: 0x01, p2: 0x00, header: "000000", key: "00000000000000000000000000000000",
            master: "00000000000000000000000000000000", challenge: "7E6AF6769EF3A06E",
            command: "84D401001C433CF82F6BDA75F68CA64DE9C1B123A7E943D7568AEC0C5C73AB2406"),
        // a PSAM
        WriteKey(
            p1: 0x00, p2: 0x00, header: "220000", key: "00112233445566778899AABBCCDDEEFF",
            master: "00112233445566778899AABBCCDDEEFF", challenge: "5D72B3FD",
            command: "84D400001CDCC0BB5793ABFCA2CA8C1624822F6E01A86A0B5CBED191DD8A9D4ADB"),
    ]

    @Test(arguments: writeKeys)
    func `WRITE KEY is byte for byte that of real cards and manuals`(sample: WriteKey) throws {
        let command = try service.writeKeyCommand(
            WriteKeyRequest(
                p1: sample.p1, p2: sample.p2, header: bytes(sample.header),
                content: .key(.transport(bytes(sample.key))),
                protection: .transport(bytes(sample.master)), card: card, challenge: bytes(sample.challenge)))
        #expect(command.bytes.hexadecimal == sample.command)
    }

    // MARK: - The forms

    @Test func `X and Y are made with the card's key and the session key`() throws {
        let key = try cardKey("UKSSSE", card)
        let master = try BlockCipherKey(.tripleDES, key)
        let single = try BlockCipherKey(.singleDES, master.encrypt(pair.factor))
        let double = try BlockCipherKey(
            .tripleDES, master.encrypt(pair.factor) + master.encrypt(pair.factor.map { ~$0 }))
        let narrow = try service.externalAuthentication(
            with: issuer("UKSSSE"), of: card, challenges: pair, form: CryptogramForm(sessionKeyWidth: 8))
        #expect(try narrow == single.encrypt(pair.original) + pair.original)
        let wide = try service.externalAuthentication(
            with: issuer("UKSSSE"), of: card, challenges: pair, form: CryptogramForm(sessionKeyWidth: 16))
        #expect(try wide == double.encrypt(pair.original) + pair.original)
    }

    @Test func `SM4 answers have 8 bytes, or 16 in full form`() throws {
        let master = try BlockCipherKey(.sm4, cardKey("UKSSSE", sm4Card))
        let session = try BlockCipherKey(.sm4, master.encrypt(pair.factor + pair.factor.map { ~$0 }))
        let left = try service.externalAuthentication(
            with: issuer("UKSSSE"), of: sm4Card, challenges: pair, form: CryptogramForm())
        let block = try session.encrypt(pair.original + [UInt8](repeating: 0, count: 8))
        #expect(left == Array(block.prefix(8)) + pair.original)
        let long = ChallengePair(factor: pair.factor + pair.original, original: pair.original + pair.factor)
        let full = try service.externalAuthentication(
            with: issuer("UKSSSE"), of: sm4Card, challenges: long, form: CryptogramForm(fullSM4Block: true))
        let whole = try BlockCipherKey(.sm4, master.encrypt(long.factor)).encrypt(long.original)
        #expect(full == whole + long.original)
    }

    @Test func `a genuine card's answer is accepted and no other`() throws {
        for card in [card, sm4Card] {
            let cipher: CardCipher = card.algorithm == .sm4 ? .sm4 : .tripleDES
            let answer = try CardCryptogram.sessionCryptogram(
                key: cardKey("IRK", card), cipher: cipher, factor: pair.factor, original: pair.original, form: .init())
            var altered = answer
            altered[7] ^= 1
            let other = CardKeyContext(
                algorithm: card.algorithm, area: card.area, cardFactor: [8, 7, 6, 5, 4, 3, 2, 1])
            func verify(_ answer: [UInt8], _ card: CardKeyContext) throws -> Bool {
                try service.verifyInternalAuthentication(
                    answer: answer, with: issuer("IRK"), of: card, challenges: pair, form: CryptogramForm())
            }
            #expect(try verify(answer, card))
            #expect(try !verify(altered, card))
            #expect(try !verify(Array(answer.prefix(7)), card))
            #expect(try !verify([], card))
            #expect(try !verify(answer, other))
        }
    }

    @Test(arguments: [CardAlgorithm.tripleDES, .sm4])
    func `a card can take a written key out again, and a PIN`(algorithm: CardAlgorithm) throws {
        let card = CardKeyContext(algorithm: algorithm, area: "990100", cardFactor: card.cardFactor)
        let cipher: CardCipher = algorithm == .sm4 ? .sm4 : .tripleDES
        let master = try cardKey("MKSSSE", card)
        let challenge: [UInt8] = [0xC0, 1, 2, 3]
        let pin = try PersonalIdentificationNumber(digits: "918273")
        let contents: [(WriteKeyRequest.Content, [UInt8])] = [
            (.key(issuer("UKSSSE")), try cardKey("UKSSSE", card)), (.pin(pin), [0x91, 0x82, 0x73]),
        ]
        for (content, expected) in contents {
            let command = try service.writeKeyCommand(
                WriteKeyRequest(
                    p1: 1, p2: 4, header: [0xF9, 0xF0, 0xFF, 0x04, 0x55], content: content,
                    protection: issuer("MKSSSE"), card: card, challenge: challenge))
            let cipherText = Array(command.data.dropLast(4))
            let plain = try CardCryptogram.decipher(key: master, cipher: cipher, enciphered: cipherText)
            #expect(plain == [0xF9, 0xF0, 0xFF, 0x04, 0x55] + expected)
            let mac = try CardCryptogram.commandMAC(
                key: master, cipher: cipher,
                initialValue: challenge + [UInt8](repeating: 0, count: cipher.blockLength - 4),
                message: Array(command.bytes.dropLast(4)))
            #expect(Array(command.data.suffix(4)) == mac)
        }
    }

    // MARK: - Levels and areas

    @Test func `ministry, province and city sets give one card the same key`() throws {
        let hierarchy = try Surroundings.hierarchy()
        let name = KeyName(rawValue: "UKSSSE")
        let root = KeyCheckValue(method: .encryptedZeros, bytes: [1, 2, 3])
        var ministry = try KeySet(name: "ministry", level: .ministry, area: "000000", root: root)
        try ministry.insert(SecretBytes(copying: Array(1...16)), as: name, .tripleDES)
        // province: "99" and 0000sh, then city: "990100" and sx
        let provinceFactor = try #require(DiversificationFactor(bytes("3939303030307368")))
        var province = try KeySet(name: "province", level: .province, area: "990000", root: root)
        try province.insert(
            Diversification.derive(
                from: SecretBytes(copying: Array(1...16)), cipher: .tripleDES, factors: [provinceFactor]),
            as: name, .tripleDES)
        let city = try province.citySet(area: "990100", name: "city", hierarchy: hierarchy)
        let values = try [ministry, province, city].map {
            try Surroundings.service($0).keyCheckValue(of: .issuer(name), card: card)
        }
        let key = try Diversification.derive(
            from: SecretBytes(copying: Array(1...16)), cipher: .tripleDES,
            factors: [
                provinceFactor, #require(DiversificationFactor(bytes("3939303130307378"))),
                #require(DiversificationFactor(card.cardFactor)),
            ]
        ).unprotectedCopy()
        let expected = try KeyCheckValue(of: key.span, cipher: .tripleDES)
        #expect(values == [expected, expected, expected])
    }

    @Test func `cities and cards have keys of their own`() throws {
        let key = issuer("UKSSSE")
        let otherCity = CardKeyContext(algorithm: .tripleDES, area: "990200", cardFactor: card.cardFactor)
        let otherCard = CardKeyContext(
            algorithm: .tripleDES, area: "990100", cardFactor: [0x86, 0x49, 1, 2, 3, 4, 5, 7])
        let values = try Set(
            [card, otherCity, otherCard, sm4Card].map { try service.keyCheckValue(of: key, card: $0) })
        #expect(values.count == 4)
    }

    @Test func `the key set of another city makes nothing for this one`() throws {
        let other = try Surroundings.development().citySet(
            area: "990200", name: "city", hierarchy: Surroundings.hierarchy())
        let service = try Surroundings.service(other)
        #expect(throws: CardKeyError.keyNotHeld(KeyName(rawValue: "UKSSSE"), .tripleDES, area: "990100")) {
            try service.keyCheckValue(of: issuer("UKSSSE"), card: card)
        }
    }

    @Test func `threads share the service`() async throws {
        let expected = try service.keyCheckValue(of: issuer("UKSSSE"), card: card)
        let service = service
        let card = card
        let values = try await withThrowingTaskGroup(of: [KeyCheckValue].self) { group in
            for _ in 0..<8 {
                group.addTask {
                    try (0..<200).map { _ in
                        try service.keyCheckValue(of: .issuer(KeyName(rawValue: "UKSSSE")), card: card)
                    }
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(values.count == 1600)
        #expect(Set(values) == [expected])
    }

    // MARK: - Secrets

    @Test func `a printed or dumped service shows no key`() throws {
        let set = try Surroundings.development()
        var shown = "\(service) \(String(reflecting: service)) \(set)"
        dump(service, to: &shown)
        dump(set, to: &shown)
        dump([service], to: &shown)
        let identity = KeySet.Identity(name: KeyName(rawValue: "UKSSSE"), algorithm: .sm4)
        let held = try #require(set[identity])
        dump(held, to: &shown)
        let key = held.withSpan { span in span.indices.map { span[$0] } }
        for form in [
            key.hexadecimal, key.hexadecimal.lowercased(), "\(key)".dropFirst().dropLast().description,
            key.prefix(4).map(String.init).joined(separator: ", "), key.prefix(4).hexadecimal,
        ] {
            #expect(!shown.contains(form))
        }
        #expect(shown.contains("development"))
    }
}

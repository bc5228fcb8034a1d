import ByteText
import CardCryptography
import CardData
import Foundation
import ISO7816
import Testing

@testable import IssuerKeys

/// One suite for every back-end of the key service: the answers come from the same arithmetic done here with open development
/// keys, the refusals are the same errors.
@Suite struct KeyServiceConformanceTests {
    static let factor: [UInt8] = [0x86, 0x49, 1, 2, 3, 4, 5, 6]
    let pair = ChallengePair(factor: [1, 2, 3, 4, 5, 6, 7, 8], original: [9, 8, 7, 6, 5, 4, 3, 2])
    let pin: PersonalIdentificationNumber
    let hierarchy: KeyHierarchy

    init() throws {
        pin = try PersonalIdentificationNumber(digits: "739146")
        hierarchy = try Surroundings.hierarchy()
    }

    func card(_ algorithm: CardAlgorithm, area: String = "990100") -> CardKeyContext {
        CardKeyContext(algorithm: algorithm, area: area, cardFactor: Self.factor)
    }

    func issuer(_ name: String) -> CardKeyReference { .issuer(KeyName(rawValue: name)) }

    /// The card's key by the plain arithmetic: city factor, then card factor, parity as the cipher gave it.
    func key(_ name: String, _ card: CardKeyContext) throws -> [UInt8] {
        let held = try #require(
            Surroundings.development()[.init(name: KeyName(rawValue: name), algorithm: card.algorithm)])
        let factors = try [
            #require(AreaFactor.city(card.area)), #require(DiversificationFactor(card.cardFactor)),
        ]
        return try held.derived(card.algorithm.masterCipher, factors: factors, parity: .none).unprotectedCopy()
    }

    func cipher(_ card: CardKeyContext) -> CardCipher { card.algorithm == .sm4 ? .sm4 : .tripleDES }

    /// A key with odd parity, to compare keys of back-ends that keep different rules.
    func normalised(_ key: [UInt8]) -> [UInt8] {
        var key = key
        var span = key.mutableSpan
        KeyParity.odd.apply(to: &span)
        return key
    }

    /// The hierarchy with one maintenance key that enciphers, too.
    func enciphering(_ name: String) throws -> KeyHierarchy {
        let file = Surroundings.home.appending(path: "Keys/hierarchy.yaml").path(percentEncoded: false)
        let text = try String(contentsOfFile: file, encoding: .utf8).replacing(
            "\(name): {group: maintenance, use: [command-mac]",
            with: "\(name): {group: maintenance, use: [command-mac, command-encipherment]")
        return try KeyHierarchy(DataFile.parse(text, file: "hierarchy.yaml"))
    }

    /// What a back-end answers, or nil where it lacks the capability and refuses by the name it gives.
    func answered<Value>(
        by backEnd: KeyBackEnd, _ capability: KeyBackEnd.Capability, _ key: String, _ body: () throws -> Value
    ) throws -> Value? {
        guard let expected = backEnd.refusal(capability, KeyName(rawValue: key)) else { return try body() }
        #expect(refusal { _ = try body() } == expected)
        return nil
    }

    // MARK: - Answers

    @Test(arguments: KeyBackEnd.computing)
    func `external and internal authentication, both widths of the session key`(trial: KeyBackEnd.Trial) throws {
        let card = card(trial.algorithm)
        for sample in KeyBackEnd.Sample.allCases {
            let service = try trial.backEnd.service(sample, hierarchy)
            for width in [8, 16] {
                let form = CryptogramForm(sessionKeyWidth: width)
                func expected(_ name: String) throws -> [UInt8] {
                    try CardCryptogram.sessionCryptogram(
                        key: key(name, card), cipher: cipher(card), factor: pair.factor, original: pair.original,
                        form: .init(sessionKeyWidth: width))
                }
                func external() throws -> [UInt8] {
                    try service.externalAuthentication(
                        with: issuer("UKSSSE"), of: card, challenges: pair, form: form)
                }
                if width == 16, trial.algorithm == .tripleDES {
                    guard let wide = try answered(by: trial.backEnd, .wideSessionKeys, "UKSSSE", external) else {
                        continue
                    }
                    #expect(try wide == expected("UKSSSE") + pair.original)
                } else {
                    #expect(try external() == expected("UKSSSE") + pair.original)
                }
                func isGenuine(_ answer: [UInt8]) throws -> Bool {
                    try service.verifyInternalAuthentication(
                        answer: answer, with: issuer("IRK"), of: card, challenges: pair, form: form)
                }
                var answer = try expected("IRK")
                #expect(try isGenuine(answer))
                answer[7] ^= 1
                #expect(try !isGenuine(answer))
                #expect(try !isGenuine([]))
            }
        }
    }

    @Test(arguments: KeyBackEnd.computing)
    func `plain authentication, identification code, check value`(trial: KeyBackEnd.Trial) throws {
        let card = card(trial.algorithm)
        let service = try trial.backEnd.service(.city, hierarchy)
        for challenge: [UInt8] in [[1, 2, 3, 4], [1, 2, 3, 4, 5, 6, 7, 8]] {
            #expect(
                try service.plainExternalAuthentication(
                    with: issuer("PUK"), of: card, challenge: challenge, form: CryptogramForm())
                    == CardCryptogram.plainCryptogram(key: key("PUK", card), cipher: cipher(card), challenge: challenge)
            )
        }
        let groups: [UInt8] = [0x99, 0x01, 0x00, 0xD1, 0x56, 0, 0, 5, 0, 0, 0, 1]
        let code = try answered(by: trial.backEnd, .identificationCode, "IRK") {
            try service.identificationCodeAuthentication(over: groups, with: issuer("IRK"), of: card)
        }
        if let code {
            let zeros = [UInt8](repeating: 0, count: cipher(card).blockLength)
            #expect(
                try code
                    == CardCryptogram.commandMAC(
                        key: key("IRK", card), cipher: cipher(card), initialValue: zeros, message: groups))
        }
        for name in ["IRK", "STK", "MKMF", "DPK1"] {
            let value = try answered(by: trial.backEnd, .checkValue, name) {
                try service.keyCheckValue(of: issuer(name), card: card)
            }
            guard let value else { continue }
            let key = try key(name, card)
            #expect(try value == KeyCheckValue(of: key.span, cipher: trial.algorithm == .sm4 ? .sm4 : .tripleDES))
        }
    }

    @Test(arguments: KeyBackEnd.computing, [KeyParity.none, .odd])
    func `a written key has the bytes that the hierarchy's parity rule gives`(
        trial: KeyBackEnd.Trial, parity: KeyParity
    ) throws {
        let card = card(trial.algorithm)
        let ruled = KeyHierarchy(keys: hierarchy.keys, levels: hierarchy.levels, parity: parity)
        let challenge: [UInt8] = [0xC0, 1, 2, 3]
        let master = try key("MKSSSE", card)
        for sample in KeyBackEnd.Sample.allCases {
            let service = try trial.backEnd.service(sample, ruled)
            for (header, padded) in [([UInt8](), nil), ([0xF9, 0xF0, 0xF0, 0xAA, 0xFF], nil), ([0x39], 24)] {
                let made = try answered(by: trial.backEnd, .keyLoading, "MKSSSE") {
                    try service.writeKeyCommand(
                        WriteKeyRequest(
                            p1: 1, p2: 4, header: header, content: .key(issuer("UKSSSE")), contentLength: padded,
                            protection: issuer("MKSSSE"), card: card, challenge: challenge))
                }
                guard let command = made else { continue }
                let plain = try CardCryptogram.decipher(
                    key: master, cipher: cipher(card), enciphered: Array(command.data.dropLast(4)))
                let written = Array(plain.dropFirst(header.count).prefix(16))
                let expected = try key("UKSSSE", card)
                #expect(Array(plain.prefix(header.count)) == header)
                #expect(plain.dropFirst(header.count + 16).allSatisfy { $0 == 0xFF })
                #expect(plain.count == header.count + (padded ?? 16))
                #expect(normalised(written) == normalised(expected))
                let isRuled = parity == .odd && trial.algorithm == .tripleDES
                #expect(written == (isRuled ? normalised(expected) : expected))
                let mac = try CardCryptogram.commandMAC(
                    key: master, cipher: cipher(card),
                    initialValue: challenge + [UInt8](repeating: 0, count: cipher(card).blockLength - 4),
                    message: Array(command.bytes.dropLast(4)))
                #expect(Array(command.data.suffix(4)) == mac)
                #expect(Array(command.bytes.prefix(4)) == [0x84, 0xD4, 1, 4])
            }
        }
    }

    @Test(arguments: KeyBackEnd.computing)
    func `published values and PINs in WRITE KEY`(trial: KeyBackEnd.Trial) throws {
        let card = card(trial.algorithm)
        let service = try trial.backEnd.service(.city, hierarchy)
        let transport = [UInt8](repeating: 0xFF, count: 16)
        /// What a command carries under a protecting key; nil where the back-end makes none.
        func carried(
            _ content: WriteKeyRequest.Content, under protection: CardKeyReference, _ key: [UInt8]
        ) throws -> [UInt8]? {
            let command = try answered(by: trial.backEnd, .keyLoading, protection.policyName.rawValue) {
                try service.writeKeyCommand(
                    WriteKeyRequest(
                        p1: 0x39, p2: 0, header: [0xF9, 1], content: content, protection: protection, card: card,
                        challenge: [1, 2, 3, 4, 5, 6, 7, 8]))
            }
            return try command.map {
                try CardCryptogram.decipher(key: key, cipher: cipher(card), enciphered: Array($0.data.dropLast(4)))
            }
        }
        // in another form of SM4: what the card opens with it
        let formed = try answered(by: trial.backEnd, .keyLoading, "MKSSSE") {
            try service.writeKeyCommand(
                WriteKeyRequest(
                    p1: 0x39, p2: 0, header: [0xF9, 1], content: .pin(pin), protection: issuer("MKSSSE"), card: card,
                    challenge: [1, 2, 3, 4], sm4: SM4LineForm(macLength: 8, dataPadding: .always)))
        }
        if let formed {
            let protection = LineProtection(
                .encipheredWithMAC, sm4: SM4LineForm(macLength: 8, dataPadding: .always))
            let opened = try protection.unprotect(
                key: key("MKSSSE", card), cipher: cipher(card), header: [0x84, 0xD4, 0x39, 0], field: formed.data,
                isRead: false, challenge: [1, 2, 3, 4])
            #expect(opened == [0xF9, 1, 0x73, 0x91, 0x46])
        }
        let makesAny = trial.backEnd.refusal(.keyLoading, KeyName(rawValue: "transport")) == nil
        let known = CardKeyReference.transport(transport)
        let master = try key("MKSSSE", card)
        let expected: [(WriteKeyRequest.Content, CardKeyReference, [UInt8], [UInt8])] = [
            (.key(issuer("MKSSSE")), known, transport, master), (.key(known), known, transport, transport),
            (.key(known), issuer("MKSSSE"), master, transport),
            (.pin(pin), issuer("MKSSSE"), master, [0x73, 0x91, 0x46]),
        ]
        for (content, protection, key, bytes) in expected {
            #expect(try carried(content, under: protection, key) == (makesAny ? [0xF9, 1] + bytes : nil))
        }
    }

    @Test(arguments: KeyBackEnd.all)
    func `threads share a service`(backEnd: KeyBackEnd) async throws {
        let service = try backEnd.service(.city, hierarchy)
        let card = card(.tripleDES)
        let names = ["IRK", "UKSSSE", "STK", "RK1DF01"]
        let expected = try names.map { try service.keyCheckValue(of: issuer($0), card: card) }
        let values = try await withThrowingTaskGroup(of: [KeyCheckValue].self) { group in
            for _ in 0..<6 {
                group.addTask {
                    try (0..<20).map { index in
                        try service.keyCheckValue(of: .issuer(KeyName(rawValue: names[index % 4])), card: card)
                    }
                }
            }
            return try await group.reduce(into: [[KeyCheckValue]]()) { $0.append($1) }
        }
        for run in values {
            for (index, value) in run.enumerated() { #expect(value == expected[index % 4]) }
        }
        #expect(Set(expected).count == 4)
    }
}

import CardCryptography
import CardData
import Foundation
import Testing

@testable import IssuerKeys

/// Initialising, loading, opening, trying and judging a token.
@Suite struct TokenTests {
    private let card = CardKeyContext(
        algorithm: .tripleDES, area: "990100", cardFactor: [0x86, 0x49, 1, 2, 3, 4, 5, 6])

    /// A small key set of the city: enough to load fast.
    private func smallSet() throws -> KeySet {
        let whole = try KeyBackEnd.keySet(.city)
        var set = try KeySet(name: "small", level: .city, area: "990100", root: whole.root)
        for name in ["IRK", "UKSSSE", "MKSSSE"].map(KeyName.init(rawValue:)) {
            for algorithm in [CardAlgorithm.tripleDES, .sm4] {
                let held = try #require(whole[.init(name: name, algorithm: algorithm)])
                try set.insert(held.withSpan { SecretBytes(copying: $0) }, as: name, algorithm)
            }
        }
        return set
    }

    @Test func `a token is listed, loaded once, and tells what it holds`() throws {
        let token = try TestToken()
        let listed = try Token.list(modulePath: token.location.modulePath, launcher: token.launcher)
        let own = try #require(listed.first { $0.label == "test token" })
        #expect(own.isInitialized && own.pinState == .ready && !own.serial.isEmpty)
        #expect(listed.contains { !$0.isInitialized })
        #expect(try token.open().contents == nil)
        #expect(throws: CardKeyError.token(.notLoaded("test token"))) { try token.service() }
        let loaded = try token.open().load(smallSet(), purpose: .cardMaking)
        #expect(loaded.identities.map(\.tokenLabel) == ["IRK/01/1", "MKSSSE/01/1", "UKSSSE/01/1"])
        let found = try #require(try token.open().contents)
        #expect(found == loaded)
        #expect(found.name == "small" && found.level == .city && found.area == "990100")
        #expect(throws: TokenFailure.alreadyLoaded("small")) {
            try token.open().load(smallSet(), purpose: .authentication)
        }
        #expect(try token.open().contents == loaded)
    }

    @Test func `keys of SM4 go in as opaque objects where that is wished, and are never used`() throws {
        let token = try TestToken().loaded(smallSet(), keepsOpaque: true)
        let service = try token.service()
        #expect(service.contents.identities.filter { $0.algorithm == .sm4 }.count == 3)
        let card = CardKeyContext(algorithm: .sm4, area: "990100", cardFactor: card.cardFactor)
        #expect(throws: CardKeyError.token(.beyondToken("SM4"))) {
            try service.keyCheckValue(of: .issuer(KeyName(rawValue: "IRK")), card: card)
        }
    }

    @Test func `loading that was interrupted begins anew`() throws {
        let token = try TestToken()
        do {
            let half = try token.open()
            let request = ModuleWriter(.importKey)
            request.put(byte: 1)
            request.put("IRK/01/1")
            request.put(TokenPurpose.cardMaking.rawValue)
            request.put(HeldKey(SecretBytes(copying: [UInt8](repeating: 7, count: 16))))
            _ = try half.process.ask(request)
        }
        #expect(try token.open().contents == nil)
        let service = try token.loaded(smallSet()).service()
        #expect(service.contents.identities.count == 3)
        let software = try Surroundings.service(smallSet())
        let key = CardKeyReference.issuer(KeyName(rawValue: "IRK"))
        #expect(try service.keyCheckValue(of: key, card: card) == software.keyCheckValue(of: key, card: card))
    }

    @Test func `a token for authentication lets no card key out`() throws {
        let service = try TestToken().loaded(smallSet(), purpose: .authentication).service()
        let request = WriteKeyRequest(
            p1: 1, p2: 0, header: [], content: .key(.issuer(KeyName(rawValue: "UKSSSE"))),
            protection: .issuer(KeyName(rawValue: "MKSSSE")), card: card, challenge: [1, 2, 3, 4])
        #expect(throws: CardKeyError.token(.keysStayInside)) { try service.writeKeyCommand(request) }
        #expect(throws: CardKeyError.token(.keysStayInside)) {
            try service.prepare(
                KeyName(rawValue: "UKSSSE"), ofCardsLike: card, factors: [DiversificationFactor(value: 1)])
        }
        // what stays inside works, and a PIN travels under a key that stays inside
        let pair = ChallengePair(factor: [1, 2, 3, 4, 5, 6, 7, 8], original: [8, 7, 6, 5, 4, 3, 2, 1])
        let software = try Surroundings.service(smallSet())
        let key = CardKeyReference.issuer(KeyName(rawValue: "UKSSSE"))
        #expect(
            try service.externalAuthentication(with: key, of: card, challenges: pair, form: CryptogramForm())
                == software.externalAuthentication(with: key, of: card, challenges: pair, form: CryptogramForm()))
        let pin = try WriteKeyRequest(
            p1: 1, p2: 0, header: [0x3A], content: .pin(PersonalIdentificationNumber(digits: "739146")),
            protection: .issuer(KeyName(rawValue: "MKSSSE")), card: card, challenge: [1, 2, 3, 4])
        #expect(try service.writeKeyCommand(pin) == software.writeKeyCommand(pin))
    }

    @Test func `keys that were prepared for many cards are those derived one by one`() throws {
        let service = try TestToken().loaded(smallSet()).service()
        let software = try Surroundings.service(smallSet())
        let cards = (0..<300).map { number in
            CardKeyContext(
                algorithm: .tripleDES, area: "990100",
                cardFactor: [0x86, 0x49, 0, 0, 0, 0, UInt8(number >> 8), UInt8(number & 255)])
        }
        try service.prepare(
            KeyName(rawValue: "UKSSSE"), ofCardsLike: cards[0],
            factors: cards.compactMap { DiversificationFactor($0.cardFactor) })
        for card in [cards[0], cards[299], cards[0]] {
            let request = WriteKeyRequest(
                p1: 1, p2: 0, header: [0xF9], content: .key(.issuer(KeyName(rawValue: "UKSSSE"))),
                protection: .issuer(KeyName(rawValue: "MKSSSE")), card: card, challenge: [1, 2, 3, 4])
            #expect(try service.writeKeyCommand(request) == software.writeKeyCommand(request))
        }
    }

    // MARK: - Trials

    @Test func `what SoftHSM2 refuses and what it does`() throws {
        let outcomes = try TestToken().open().probe()
        #expect(
            outcomes == [
                .masterRead: .refused, .masterMadeExtractable: .refused, .masterMadeReadable: .refused,
                .masterWrapped: .refused, .derivingMasterEncrypts: .refused, .derivedKeyRead: .done,
            ])
    }

    @Test func `a token that does what the policy forbids is not used`() throws {
        let token = try TestToken().loaded(smallSet())
        #expect(throws: CardKeyError.token(.probeRefused(["derived-key-read"]))) {
            try TokenKeyService(token.open(), hierarchy: Surroundings.hierarchy(), policy: .strict)
        }
        let path = Surroundings.home.appending(path: "Keys/token-policy.yaml").path(percentEncoded: false)
        _ = try TokenKeyService(token.open(), hierarchy: Surroundings.hierarchy(), policy: .read(path))
    }

    @Test func `a policy with other words is refused with every fault`() throws {
        func read(_ text: String) -> [String] {
            codes { _ = try TokenPolicy(DataFile.parse(text, file: "token-policy.yaml")) }
        }
        #expect(read("probes: {master-read: tolerate}") == [])
        #expect(
            read("probes: {master-read: maybe, master-eaten: refuse}\nmore: 1")
                == ["data-file.unknown-key", "token-policy.value", "token-policy.value"])
    }

    // MARK: - PINs

    @Test func `a wrong PIN is presented once and told`() throws {
        let token = try TestToken().loaded(smallSet())
        #expect(throws: TokenFailure.wrongPIN) { try token.open(pin: "wrong-pin-1") }
        let listed = try Token.list(modulePath: token.location.modulePath, launcher: token.launcher)
        #expect(listed.first { $0.isInitialized }?.pinState == .someTriesSpent)
        _ = try token.service()
        #expect(throws: TokenFailure.notFound("another")) {
            try Token(
                TokenLocation(label: "another"), pin: TestToken.secret(TestToken.userPIN), launcher: token.launcher)
        }
    }

    @Test func `a module that is not there is told with its path`() throws {
        let token = try TestToken()
        let nowhere = try TokenLocation(label: "test token", modulePath: "/nowhere/module.so")
        #expect {
            try Token(nowhere, pin: TestToken.secret("1234"), launcher: token.launcher)
        } throws: { error in
            guard case TokenFailure.moduleMissing("/nowhere/module.so", _) = error else { return false }
            return true
        }
    }
}

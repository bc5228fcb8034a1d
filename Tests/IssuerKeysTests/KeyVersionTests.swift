import ByteText
import CardCryptography
import CardData
import Testing

@testable import IssuerKeys

@Suite struct KeyVersionTests {
    private let irk = KeyName(rawValue: "IRK")
    private let puk = KeyName(rawValue: "PUK")

    private func version(_ number: Int) throws -> KeyVersion { try #require(KeyVersion(number)) }

    private func card(_ versions: CardKeyVersions? = nil) -> CardKeyContext {
        CardKeyContext(
            algorithm: .sm4, area: "990100", cardFactor: [0x99, 0x01, 0, 0, 0, 0, 0, 1], versions: versions)
    }

    /// The check value of a card's key, made beside the service from the set.
    private func value(_ set: KeySet, _ name: KeyName, _ number: Int) throws -> KeyCheckValue {
        let records = try set.lineage(
            of: KeySet.Identity(name: name, algorithm: .sm4, version: version(number)), area: "990100",
            cardFactor: card().cardFactor, hierarchy: Surroundings.hierarchy())
        return try #require(records.last).child
    }

    @Test(arguments: ["1", "2,STKDF03=1", "1,IRK=2,PUK=3"])
    func `versions are written and read again`(text: String) {
        #expect(CardKeyVersions(text)?.description == text)
    }

    @Test(arguments: ["", "0", "256", "01", "1,", "1,IRK", "1,IRK=1", "1,=2", "1,IRK=2,IRK=3", "1,IRK=2=3", "１"])
    func `anything else is no record of versions`(text: String) {
        #expect(CardKeyVersions(text) == nil)
    }

    @Test func `exceptions that are none do not make a record another one`() throws {
        let plain = CardKeyVersions(base: .first)
        #expect(CardKeyVersions(base: .first, exceptions: [irk: .first]) == plain)
        #expect(try CardKeyVersions(base: .first, exceptions: [irk: version(2)])[irk] == version(2))
        #expect(plain[irk] == .first)
    }

    @Test func `new cards get what most keys have live, and the others by name`() throws {
        let switched = try Surroundings.hierarchy(
            "{1: {stage: old}, 2: {stage: live}, 3: {stage: next}}", keys: ["PUK": "{1: {stage: live}}"])
        #expect(switched.liveVersions.description == "2,PUK=1")
        #expect(!switched.hasOnlyFirstVersions)
        #expect(try Surroundings.hierarchy().liveVersions.description == "1")
        #expect(try Surroundings.hierarchy().hasOnlyFirstVersions)
    }

    @Test func `a staged switch: new cards get the new version, older ones keep theirs`() throws {
        let set = try Surroundings.development()
        let before = try SoftwareKeyService(set, hierarchy: Surroundings.hierarchy())
        let after = try SoftwareKeyService(
            set, hierarchy: Surroundings.hierarchy("{1: {stage: old}, 2: {stage: live}, 3: {stage: next}}"))
        let first = try value(set, irk, 1)
        let second = try value(set, irk, 2)
        #expect(first != second)
        #expect(try before.keyCheckValue(of: .issuer(irk), card: card()) == first)
        #expect(try after.keyCheckValue(of: .issuer(irk), card: card()) == second)
        for service in [before, after] {
            // asked in turn, so that no kept master answers for another version
            for _ in 0..<2 {
                #expect(try service.keyCheckValue(of: .issuer(irk), card: card(.unrecorded)) == first)
                let recorded = CardKeyVersions(base: .first, exceptions: [irk: try version(2)])
                #expect(try service.keyCheckValue(of: .issuer(irk), card: card(recorded)) == second)
                #expect(try service.keyCheckValue(of: .issuer(puk), card: card(recorded)) == value(set, puk, 1))
            }
        }
    }

    @Test func `a withdrawn version is used for nothing, one that is not held is named`() throws {
        let set = try Surroundings.development()
        let service = try SoftwareKeyService(
            set, hierarchy: Surroundings.hierarchy("{1: {stage: withdrawn}, 2: {stage: live}}"))
        #expect(throws: CardKeyError.versionWithdrawn(irk, .first)) {
            try service.keyCheckValue(of: .issuer(irk), card: card(.unrecorded))
        }
        let nine = try version(9)
        let ninth = CardKeyVersions(base: nine)
        #expect(throws: CardKeyError.versionNotHeld(irk, nine)) {
            try service.keyCheckValue(of: .issuer(irk), card: card(ninth))
        }
    }

    @Test func `one set holds several versions of a key, each once`() throws {
        var set = try KeySet(
            name: "own", level: .province, area: "990000", root: #require(KeyCheckValue("enc-zero:010203")))
        try set.insert(SecretBytes(copying: Array(1...16)), as: irk, .sm4)
        try set.insert(SecretBytes(copying: Array(2...17)), as: irk, .sm4, version: version(2))
        let two = try version(2)
        #expect(
            codes { try set.insert(SecretBytes(copying: Array(3...18)), as: irk, .sm4, version: two) }
                == ["key-store.key-refused"])
        let secret = SecretBytes(copying: Array("correct horse".utf8))
        let header = KeySetHeader(
            name: set.name, level: set.level, area: set.area, root: set.root, salt: [UInt8](repeating: 1, count: 16),
            cost: .init(cost: 16))
        let text = try SealedKeyStore.seal(set, header, passphrase: secret, nonce: [UInt8](repeating: 2, count: 12))
        try Surroundings.withStore(text) { directory in
            let opened = try SealedKeyStore.open(directory: directory, passphrase: secret, mode: .development)
            #expect(opened.identities.map(\.version.number) == [1, 2])
            for identity in set.identities {
                #expect(try opened.checkValue(of: identity) == set.checkValue(of: identity))
            }
        }
    }
}

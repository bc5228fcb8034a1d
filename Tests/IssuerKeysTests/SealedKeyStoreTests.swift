import CardCryptography
import CardData
import Foundation
import Testing

@testable import IssuerKeys

@Suite struct SealedKeyStoreTests {
    private var passphrase: SecretBytes { SecretBytes(copying: Array(DevelopmentKeySet.passphrase.utf8)) }
    private let directory = Surroundings.home.appending(path: "Keys/development").path(percentEncoded: false)

    /// A set of one city that has nothing to do with the development keys.
    private func ownSet(level: KeyLevel = .province, area: String = "990000") throws -> KeySet {
        var set = try KeySet(
            name: "own", level: level, area: area, root: KeyCheckValue(method: .encryptedZeros, bytes: [1, 2, 3]))
        try set.insert(SecretBytes(copying: Array(1...16)), as: KeyName(rawValue: "UKSSSE"), .sm4)
        try set.insert(SecretBytes(copying: Array(17...32)), as: KeyName(rawValue: "UKSSSE"), .tripleDES)
        return set
    }

    private func production() throws -> SealedKeyStore.Mode {
        let path = Surroundings.home.appending(path: "Keys/forbidden-roots.yaml").path(percentEncoded: false)
        return .production(try ForbiddenRoots.read(path), hierarchy: try Surroundings.hierarchy())
    }

    @Test func `the committed development set is the one that is made, byte for byte`() throws {
        let made = try DevelopmentKeySet.file(hierarchy: Surroundings.hierarchy())
        let committed = try String(contentsOfFile: directory + "/" + SealedKeyStore.fileName, encoding: .utf8)
        #expect(committed == made)
    }

    @Test func `the development set opens with the passphrase that its README states`() throws {
        let readme = try String(contentsOfFile: directory + "/README.md", encoding: .utf8)
        #expect(readme.contains("`\(DevelopmentKeySet.passphrase)`"))
        let opened = try SealedKeyStore.openDevelopment(directory: directory)
        let made = try Surroundings.development()
        #expect(opened.identities == made.identities)
        #expect(opened.identities.count == 2 * 3 * (try Surroundings.hierarchy().keys.count))
        for identity in made.identities {
            let isSame = opened[identity]?.withSpan { left in
                made[identity]?.withSpan { constantTimeEqual(left, $0) }
            }
            #expect(isSame == true, "\(identity)")
        }
    }

    @Test func `a file of the first format opens, with the first versions of the development keys`() throws {
        let old = Surroundings.home.appending(path: "Fixtures/keys/first-format").path(percentEncoded: false)
        let opened = try SealedKeyStore.openDevelopment(directory: old)
        let made = try Surroundings.development()
        // what stood in the hierarchy then: no masters of security domains
        let later = Set(try Surroundings.hierarchy().keys.filter { $0.group == .securityDomain }.map(\.name))
        #expect(opened.identities == made.identities.filter { $0.version == .first && !later.contains($0.name) })
        #expect(opened.root == made.root)
        for identity in opened.identities {
            #expect(try opened.checkValue(of: identity) == made.checkValue(of: identity), "\(identity)")
        }
        let mode = try production()
        #expect(
            codes { _ = try SealedKeyStore.open(directory: old, passphrase: passphrase, mode: mode) }
                == ["key-store.development-in-production"])
    }

    @Test func `a wrong passphrase opens nothing and says so`() throws {
        let wrong = SecretBytes(copying: Array("sscard development keys are secret".utf8))
        #expect(
            codes { _ = try SealedKeyStore.open(directory: directory, passphrase: wrong, mode: .development) }
                == ["key-store.not-opened"])
    }

    @Test(arguments: [
        ("area: 000000", "area: 990100", "key-store.not-opened"),
        ("level: province", "level: city", "key-store.not-opened"),
        ("name: development", "name: production", "key-store.not-opened"),
        ("format: sscard-key-set-2", "format: sscard-key-set-1", "key-store.not-opened"),
        ("format: sscard-key-set-2", "format: sscard-key-set-3", "key-store.format"),
        ("level: province", "level: card", "key-store.value"),
        ("cost: 16384", "cost: 1073741824", "key-store.value"),
        ("area: 000000", "area: 12", "key-store.value"),
    ])
    func `a changed line keeps the set from opening`(line: String, changed: String, code: String) throws {
        let text = try DevelopmentKeySet.file(hierarchy: Surroundings.hierarchy())
        #expect(text.contains(line))
        try Surroundings.withStore(text.replacingOccurrences(of: line, with: changed)) { directory in
            let thrown = codes { _ = try SealedKeyStore.openDevelopment(directory: directory) }
            // a set of level card is refused where it is read, by level or by the set itself
            #expect(thrown == [code])
        }
    }

    @Test func `a store that is not there is told apart from one that does not open`() {
        #expect(
            codes { _ = try SealedKeyStore.openDevelopment(directory: directory + "/missing") }
                == ["key-store.not-found"])
    }

    @Test func `production refuses the development set`() throws {
        let mode = try production()
        #expect(
            codes { _ = try SealedKeyStore.open(directory: directory, passphrase: passphrase, mode: mode) }
                == ["key-store.development-in-production"])
    }

    @Test func `the development root is pinned in the file too`() throws {
        let path = Surroundings.home.appending(path: "Keys/forbidden-roots.yaml").path(percentEncoded: false)
        #expect(try ForbiddenRoots.read(path).contains(DevelopmentKeySet.root))
    }

    @Test func `an empty list of forbidden roots does not let the development set in`() throws {
        let mode = SealedKeyStore.Mode.production(ForbiddenRoots(), hierarchy: try Surroundings.hierarchy())
        #expect(
            codes { _ = try SealedKeyStore.open(directory: directory, passphrase: passphrase, mode: mode) }
                == ["key-store.development-in-production"])
    }

    @Test func `one development key under another root is refused as well, and so is a city's`() throws {
        let hierarchy = try Surroundings.hierarchy()
        let development = try Surroundings.development()
        let city = try development.citySet(area: "990100", name: "city", hierarchy: hierarchy)
        for source in [development, city] {
            var set = try ownSet(level: source.level, area: source.area)
            let version = try #require(KeyVersion(2))
            let identity = KeySet.Identity(name: KeyName(rawValue: "PUK"), algorithm: .sm4, version: version)
            let key = try #require(source[identity]).withSpan { SecretBytes(copying: $0) }
            // neither does the number of another version hide it
            try set.insert(key, as: identity.name, identity.algorithm)
            #expect(
                codes { try ForbiddenRoots().check(set, hierarchy: hierarchy) }
                    == ["key-store.development-in-production"])
        }
        try ForbiddenRoots().check(ownSet(), hierarchy: hierarchy)
    }

    @Test func `a root of the list is refused, others are not`() throws {
        let root = try #require(KeyCheckValue("enc-zero:010203"))
        #expect(
            codes { try ForbiddenRoots([root]).check(ownSet(), hierarchy: Surroundings.hierarchy()) }
                == ["key-store.development-in-production"])
    }

    @Test func `an own set is sealed, opens in production, and no two seals are alike`() throws {
        let set = try ownSet()
        let secret = SecretBytes(copying: Array("correct horse".utf8))
        let text = try SealedKeyStore.seal(set, passphrase: secret)
        let mode = try production()
        try Surroundings.withStore(text) { directory in
            let opened = try SealedKeyStore.open(directory: directory, passphrase: secret, mode: mode)
            #expect(opened.identities == set.identities)
            #expect(opened.root == set.root)
            #expect(opened.area == "990000")
        }
        #expect(try SealedKeyStore.seal(set, passphrase: secret) != text)
    }

    @Test func `keys that do not fit are refused`() throws {
        var set = try ownSet()
        let name = KeyName(rawValue: "UKSSSE")
        #expect(
            codes { try set.insert(SecretBytes(copying: Array(1...16)), as: name, .sm4) } == ["key-store.key-refused"])
        #expect(
            codes { try set.insert(SecretBytes(copying: Array(1...16)), as: name, .ssf33) } == ["key-store.key-refused"]
        )
        #expect(
            codes { try set.insert(SecretBytes(copying: [1]), as: KeyName(rawValue: "X"), .sm4) }
                == ["key-store.key-refused"])
    }

    @Test(arguments: [
        (KeyLevel.ministry, "000000", "990100", true), (.province, "000000", "110000", true),
        (.province, "990000", "990100", true), (.province, "990000", "980100", false),
        (.city, "990100", "990100", true), (.city, "990100", "990200", false), (.city, "990100", "990101", false),
        (.province, "990000", "9901", false),
    ])
    func `a set serves the areas below its own`(level: KeyLevel, area: String, other: String, covers: Bool) throws {
        #expect(try ownSet(level: level, area: area).covers(area: other) == covers)
    }

    @Test func `a city's keys come from a set above it only`() throws {
        let hierarchy = try Surroundings.hierarchy()
        #expect(
            codes {
                _ = try ownSet(level: .city, area: "990100").citySet(area: "990100", name: "c", hierarchy: hierarchy)
            }
                == ["key-store.level"])
        #expect(
            codes { _ = try ownSet().citySet(area: "980100", name: "c", hierarchy: hierarchy) } == ["key-store.level"])
    }
}

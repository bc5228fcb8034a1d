import ByteText
import CardCryptography
import CardData
import Foundation
import ISO7816
import Testing

@testable import IssuerKeys

/// Masters of security domains come sealed, through the hierarchy, and never as a published value onto a card.
@Suite struct SecurityDomainKeyTests {
    private static let keyData: [UInt8] = [0x99, 0x01, 0x01, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x01]

    /// Computed with Python's cryptography (HKDF of the development seed, 3DES and AES over area 990101 and its complement, then EMV
    /// CPS §4.1 and SP 800-108 with CMAC over the key data), in the order ENC, MAC, DEK: E(K, zeros) and E(K, 01…01).
    @Test(arguments: [
        (SecureChannelProtocol.Version.scp02, SecureChannelDiversification.emv, ["F3A327", "E4000A", "E1BA3D"]),
        (.scp03, .counter, ["624E33", "9F1287", "A9F4CE"]),
    ])
    func `a card's keys come from the sealed masters through the city`(
        version: SecureChannelProtocol.Version, rule: SecureChannelDiversification, expected: [String]
    ) throws {
        let service = try Surroundings.service(Surroundings.development())
        let set = try service.keySet(
            "issuer", GlobalPlatformKeyTerms(area: "990101", diversification: rule), for: version)
        #expect(set.version == 0x21)
        let keys = try set.cardKeys(keyData: Self.keyData)
        for (key, value) in zip(SecureChannelKey.allCases, expected) {
            let check = try keys.withKey(key) { span in
                try KeyCheckValue(version == .scp02 ? .encryptedZeros : .encryptedOnes, of: span, cipher: keys.cipher)
            }
            #expect(check.bytes == (try bytes(value)), "\(key)")
        }
    }

    @Test func `a city's set serves its own city and no other`() throws {
        let hierarchy = try Surroundings.hierarchy()
        let city = try Surroundings.development().citySet(area: "990101", name: "city", hierarchy: hierarchy)
        let service = try Surroundings.service(city)
        let own = GlobalPlatformKeyTerms(area: "990101", diversification: .emv)
        let keys = try service.keySet("issuer", own, for: .scp02).cardKeys(keyData: Self.keyData)
        let check = try keys.withKey(.encryption) { try KeyCheckValue(.encryptedZeros, of: $0, cipher: .tripleDES) }
        #expect(check.bytes == (try bytes("F3A327")))
        #expect(throws: GlobalPlatformKeyError.self) {
            try service.keySet(
                "issuer", GlobalPlatformKeyTerms(area: "990102", diversification: .emv), for: .scp02)
        }
    }

    @Test func `a master of security domains is good for nothing else`() throws {
        let service = try Surroundings.service(Surroundings.development())
        let card = CardKeyContext(algorithm: .tripleDES, area: "990101", cardFactor: [UInt8](1...8))
        let master = CardKeyReference.issuer(KeyName(rawValue: "GPENC21"))
        #expect(throws: CardKeyError.useNotAllowed(KeyName(rawValue: "GPENC21"), "external-authentication")) {
            try service.plainExternalAuthentication(
                with: master, of: card, challenge: [UInt8](1...8), form: CryptogramForm())
        }
    }

    private let card = CardKeyContext(algorithm: .tripleDES, area: "990101", cardFactor: [UInt8](1...8))

    /// The hierarchy of the house with another maker's published keys.
    private func hierarchyWithMaker() throws -> KeyHierarchy {
        let path = Surroundings.home.appending(path: "Keys/hierarchy.yaml").path(percentEncoded: false)
        let text = try String(contentsOfFile: path, encoding: .utf8).replacing(
            "\nsecurityDomains:\n",
            with: "\nsecurityDomains:\n  maker: {title: m, version: 01, published: \(Self.makersKey.hexadecimal)}\n")
        return try KeyHierarchy(DataFile.parse(text, file: path))
    }
    private static let makersKey = [UInt8](0x50...0x5F)

    private func check(
        _ need: SecurityDomainNeed, keySet: String = "card-maker", by service: any CardKeyService,
        of card: CardKeyContext? = nil
    ) -> CardKeyError? {
        do throws(CardKeyError) {
            try service.check(.securityDomain(need, keySet: keySet), of: card ?? self.card)
            return nil
        } catch {
            return error
        }
    }

    @Test func `what a security domain will want is known before the card is touched`() throws {
        let service = try Surroundings.service(Surroundings.development())
        #expect(check(.channel(.scp02, .none), by: service) == nil)
        #expect(check(.channel(.scp03, .counter), keySet: "issuer", by: service) == nil)
        #expect(check(.keyData([.issuer(KeyName(rawValue: "IRK"))]), by: service) == nil)
        #expect(check(.putKey(keySet: "issuer", .scp02, .emv), by: service) == nil)
        #expect(
            check(.channel(.scp02, .none), keySet: "nobody", by: service) == .securityDomain(.unknownKeySet("nobody")))
        #expect(
            check(.keyData([.issuer(KeyName(rawValue: "IRX"))]), by: service) == .unknownKey(KeyName(rawValue: "IRX")))
        let bare = try SoftwareKeyService(KeyBackEnd.keySet(.city), hierarchy: Surroundings.hierarchy())
        let there = CardKeyContext(algorithm: .tripleDES, area: "990100", cardFactor: card.cardFactor)
        #expect(
            check(.putKey(keySet: "issuer", .scp02, .emv), by: bare, of: there)
                == .keyNotHeld(KeyName(rawValue: "GPENC21"), .tripleDES, area: "990100"))
        let module = try KeyBackEnd.module.service(.city, Surroundings.hierarchy())
        #expect(check(.channel(.scp02, .none), by: module, of: there) == .securityDomain(.noSecurityDomains))
    }

    @Test func `no published value stays on a card, whoever published it, and whatever it is called`() throws {
        let hierarchy = try hierarchyWithMaker()
        let development = try Surroundings.development()
        let service = try SoftwareKeyService(development, hierarchy: hierarchy)
        for name in ["card-maker", "maker"] {
            #expect(
                check(.putKey(keySet: name, .scp02, .none), by: service) == .securityDomain(.publishedKeys(name)))
        }
        #expect(check(.channel(.scp02, .none), keySet: "maker", by: service) == nil)
        // the value again, as a master that no rule changes
        var set = try KeySet(name: "own", level: .city, area: "990101", root: development.root)
        for name in ["GPENC21", "GPMAC21", "GPDEK21"] {
            try set.insert(SecretBytes(copying: Self.makersKey), as: KeyName(rawValue: name), .aes)
        }
        let hidden = try SoftwareKeyService(set, hierarchy: hierarchy)
        #expect(
            check(.putKey(keySet: "issuer", .scp03, .none), by: hidden) == .securityDomain(.publishedKeys("issuer")))
        #expect(
            codes { try ForbiddenRoots().check(set, hierarchy: hierarchy) } == [
                "key-store.development-in-production"
            ])
        var other = try KeySet(
            name: "own", level: .city, area: "110101", root: KeyCheckValue(method: .encryptedZeros, bytes: [1, 2, 3]))
        try other.insert(SecretBytes(copying: Self.makersKey), as: KeyName(rawValue: "GPENC21"), .tripleDES)
        #expect(
            codes { try ForbiddenRoots().check(other, hierarchy: hierarchy) } == ["key-store.published-in-production"])
        try ForbiddenRoots().check(other, hierarchy: Surroundings.hierarchy())
    }

    @Test func `production refuses a store that holds the published key`() throws {
        let hierarchy = try Surroundings.hierarchy()
        var set = try KeySet(
            name: "own", level: .city, area: "110101",
            root: KeyCheckValue(method: .encryptedZeros, bytes: [1, 2, 3]))
        try set.insert(SecretBytes(copying: Array(0x40...0x4F)), as: KeyName(rawValue: "GPENC21"), .tripleDES)
        #expect(
            codes { try ForbiddenRoots().check(set, hierarchy: hierarchy) } == ["key-store.published-in-production"])
    }

    @Test(arguments: [
        ("version: 20, published: 4041", ["key-hierarchy.published-value"]),
        ("version: 80, published: 404142434445464748494A4B4C4D4E4F", ["key-hierarchy.number"]),
        ("version: 22, encryption: IRK, mac: GPMAC21, dataEncryption: GPDEK21", ["key-hierarchy.no-domain-key"]),
        ("version: 22, encryption: GPENC21, mac: GPMAC21", ["data-file.missing-key"]),
    ])
    func `a wrong key set is told with its line`(text: String, expected: [String]) throws {
        let file = """
            parity: none
            levels:
              province: {title: a, digits: 2, suffix: 303030307368}
              city: {title: b, digits: 6, suffix: 7378}
              card: {title: c}
            keys:
              IRK: {group: authentication, use: [internal-authentication], title: d}
              GPENC21: {group: security-domain, use: [secure-channel], title: e}
              GPMAC21: {group: security-domain, use: [secure-channel], title: f}
              GPDEK21: {group: security-domain, use: [secure-channel], title: g}
            securityDomains:
              issuer: {title: h, \(text)}
            """
        #expect(
            try Surroundings.withStore(file) { folder in
                codes { _ = try KeyHierarchy.read(folder + "/" + SealedKeyStore.fileName) }
            } == expected)
    }
}

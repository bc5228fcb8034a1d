import CardCryptography
import CardData
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
            try service.plainExternalAuthentication(with: master, of: card, challenge: [UInt8](1...8))
        }
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

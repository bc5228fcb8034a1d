import ByteText
import CardCryptography
import CardData
import Foundation
import Testing

@testable import IssuerKeys

@Suite struct LineageTests {
    private let name = KeyName(rawValue: "IRK")
    private let cardFactor: [UInt8] = [0x99, 0x01, 0, 0, 0, 0, 0, 1]

    /// The ministry's root of the published SM4 example, for one key.
    private func ministry(_ algorithm: CardAlgorithm) throws -> KeySet {
        var set = try KeySet(
            name: "ministry", level: .ministry, area: "000000", root: #require(KeyCheckValue("enc-zero:010203")))
        try set.insert(
            SecretBytes(copying: bytes("0123456789ABCDEFFEDCBA9876543210")), as: name, algorithm, version: version)
        return set
    }

    private var version: KeyVersion { get throws { try #require(KeyVersion(2)) } }

    private func identity(_ algorithm: CardAlgorithm) throws -> KeySet.Identity {
        KeySet.Identity(name: name, algorithm: algorithm, version: try version)
    }

    struct Chain: Sendable {
        let algorithm: CardAlgorithm
        let keys: [String]
        let values: [String]
    }

    /// `openssl enc -des-ede | -sm4-ecb | -aes-128-ecb -nopad` of F ‖ NOT F, then of zeros, level by level.
    static let chains = [
        Chain(
            algorithm: .tripleDES,
            keys: [
                "E09C79056022A847DF9419487F315DE4", "37E5C42313846990EA69A5665FAB9614",
                "37EC5D504EC4BAF770D2650B580E68D8",
            ], values: ["08D7B4", "236775", "99E4C4", "3B2FD0"]),
        Chain(
            algorithm: .sm4,
            keys: [
                "4442CFF38E2E84C3027FAC4B6CE05812", "6354D05BC7D873D7BDEFE178E5BE816D",
                "6D67FAC36568CE0B4D7E1D018094AAAF",
            ], values: ["2677F4", "A070E6", "63CE3F", "3C22D0"]),
        Chain(
            algorithm: .aes,
            keys: [
                "440E6AB52E184319AFC0E0F69F00D09E", "61E6A0BC2341A826D03FF5805D87E201",
                "B30097C30092DE6D80463012232564F5",
            ], values: ["D5C825", "259786", "7C50F4", "1C65E4"]),
    ]

    @Test(arguments: chains)
    func `one, two and three levels lead to the same card key, from wherever they begin`(chain: Chain) throws {
        let hierarchy = try Surroundings.hierarchy()
        let root = try ministry(chain.algorithm)
        let province = try root.handedDown(to: .province, area: "990000", name: "province", hierarchy: hierarchy)
        let city = try province.citySet(area: "990100", name: "city", hierarchy: hierarchy)
        let sets = [root, province, city]
        for (set, key) in zip(sets.dropFirst(), chain.keys) {
            let isSame = try #require(set[identity(chain.algorithm)]).withSpan { span in
                (0..<span.count).map { span[$0] }
            }
            #expect(try isSame == bytes(key), "\(set.level)")
        }
        let fresh = sets.map { set in
            var alone = set
            alone.lineage = []
            return alone
        }
        for (index, set) in fresh.enumerated() {
            let records = try set.lineage(
                of: identity(chain.algorithm), area: "990100", cardFactor: cardFactor, hierarchy: hierarchy)
            #expect(records.count == 3 - index)
            #expect(records.last?.child.bytes.hexadecimal == chain.values[3])
        }
        if chain.algorithm != .aes {
            let card = CardKeyContext(
                algorithm: chain.algorithm, area: "990100", cardFactor: cardFactor,
                versions: CardKeyVersions(base: try version))
            for set in sets {
                let service = try SoftwareKeyService(set, hierarchy: hierarchy)
                #expect(
                    try service.keyCheckValue(of: .issuer(name), card: card).bytes.hexadecimal == chain.values[3])
            }
        }
    }

    @Test func `a city's set tells how it came down from the ministry`() throws {
        let hierarchy = try Surroundings.hierarchy()
        let province = try ministry(.sm4).handedDown(
            to: .province, area: "990000", name: "province", hierarchy: hierarchy)
        let city = try province.citySet(area: "990100", name: "city", hierarchy: hierarchy)
        #expect(
            city.lineage.map(\.description) == [
                "derivation-1 IRK sm4 2 province 3939303030307368 none enc-zero:2677F4 enc-zero:A070E6",
                "derivation-1 IRK sm4 2 city 3939303130307378 none enc-zero:A070E6 enc-zero:63CE3F",
            ])
        #expect(
            city.lineage.map { String(decoding: $0.canonicalBytes, as: UTF8.self) } == city.lineage.map(\.description))
        try city.checkLineage(hierarchy: hierarchy)
        // the same chain whether the city's set is asked, or the ministry's with the city below it
        let whole = try ministry(.sm4).lineage(
            of: identity(.sm4), area: "990100", cardFactor: cardFactor, hierarchy: hierarchy)
        #expect(
            try city.lineage(of: identity(.sm4), area: "990100", cardFactor: cardFactor, hierarchy: hierarchy) == whole)
        #expect(whole.count == 3)
    }

    @Test func `the ministry hands a city its keys in one go, with both steps recorded`() throws {
        let hierarchy = try Surroundings.hierarchy()
        let direct = try ministry(.sm4).citySet(area: "990100", name: "city", hierarchy: hierarchy)
        let stepwise = try ministry(.sm4)
            .handedDown(to: .province, area: "990000", name: "province", hierarchy: hierarchy)
            .citySet(area: "990100", name: "city", hierarchy: hierarchy)
        #expect(direct.lineage == stepwise.lineage)
        #expect(try direct.checkValue(of: identity(.sm4)) == stepwise.checkValue(of: identity(.sm4)))
    }

    @Test func `records that do not lead to the key are found out`() throws {
        let hierarchy = try Surroundings.hierarchy()
        let city = try ministry(.sm4).citySet(area: "990100", name: "city", hierarchy: hierarchy)
        let right = city.lineage
        func altered(_ from: String, _ to: String) throws -> [DerivationRecord] {
            try right.map { record in
                try #require(DerivationRecord(record.description.replacingOccurrences(of: from, with: to)))
            }
        }
        let wrong: [[DerivationRecord]] = [
            try altered("enc-zero:63CE3F", "enc-zero:63CE3E"), try altered("enc-zero:A070E6 ", "enc-zero:A070E7 "),
            try altered("3939303130307378", "3939303230307378"), try altered(" none ", " odd "),
            Array(right.dropLast()), try altered("IRK sm4 2", "IRK sm4 1"),
            try right + altered("IRK", "PUK"),
        ]
        for lineage in wrong {
            var set = city
            set.lineage = lineage
            #expect(codes { try set.checkLineage(hierarchy: hierarchy) } == ["key-store.lineage"], "\(lineage)")
        }
    }

    @Test func `the records are sealed with the set`() throws {
        let city = try ministry(.sm4).citySet(area: "990100", name: "city", hierarchy: Surroundings.hierarchy())
        let secret = SecretBytes(copying: Array("correct horse".utf8))
        let header = KeySetHeader(
            name: city.name, level: city.level, area: city.area, root: city.root,
            salt: [UInt8](repeating: 1, count: 16), cost: .init(cost: 16), lineage: city.lineage)
        let text = try SealedKeyStore.seal(city, header, passphrase: secret, nonce: [UInt8](repeating: 2, count: 12))
        try Surroundings.withStore(text) { directory in
            let opened = try SealedKeyStore.open(directory: directory, passphrase: secret, mode: .development)
            #expect(opened.lineage == city.lineage)
        }
        for (from, to, code) in [
            ("enc-zero:A070E6 enc-zero:63CE3F", "enc-zero:A070E6 enc-zero:63CE3E", "key-store.not-opened"),
            ("city 3939303130307378", "city 39393031303073", "key-store.value"),
            ("derivation-1 IRK sm4 2 city", "derivation-1 IRK sm4 02 city", "key-store.value"),
        ] {
            #expect(text.contains(from))
            try Surroundings.withStore(text.replacingOccurrences(of: from, with: to)) { directory in
                #expect(
                    codes { _ = try SealedKeyStore.open(directory: directory, passphrase: secret, mode: .development) }
                        == [code])
            }
        }
    }

    @Test func `check values of two methods make no record`() throws {
        let text = "derivation-1 IRK sm4 2 city 3939303130307378 none enc-zero:A070E6 cmac-zero:63CE3F"
        #expect(DerivationRecord(text) == nil)
        #expect(DerivationRecord(text.replacingOccurrences(of: "cmac-zero", with: "enc-zero")) != nil)
        #expect(DerivationRecord(text.replacingOccurrences(of: "cmac-zero", with: "enc-zero") + " ") == nil)
        let above = text.replacingOccurrences(of: "cmac-zero", with: "enc-zero")
            .replacingOccurrences(of: "city", with: "ministry")
        #expect(DerivationRecord(above) == nil)
    }

    @Test func `a set hands down to what lies below it only`() throws {
        let hierarchy = try Surroundings.hierarchy()
        let province = try ministry(.sm4).handedDown(
            to: .province, area: "990000", name: "province", hierarchy: hierarchy)
        func refused(_ set: KeySet, _ level: KeyLevel, _ area: String) -> [String] {
            codes { _ = try set.handedDown(to: level, area: area, name: "x", hierarchy: hierarchy) }
        }
        #expect(refused(province, .province, "990000") == ["key-store.level"])
        #expect(refused(province, .ministry, "000000") == ["key-store.level"])
        #expect(refused(province, .card, "990100") == ["key-store.level"])
        #expect(refused(province, .city, "980100") == ["key-store.level"])
        #expect(try refused(ministry(.sm4), .province, "990100") == ["key-store.level"])
    }
}

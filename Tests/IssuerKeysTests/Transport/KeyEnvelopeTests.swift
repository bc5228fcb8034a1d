import CardCryptography
import CardData
import Foundation
import Testing

@testable import IssuerKeys

/// A city's keys from the province: opened by the right receiver from the right senders only, every receipt checked.
@Suite struct KeyEnvelopeTests {
    private let hierarchy: KeyHierarchy
    private let set: KeySet
    private let senders: Custodians
    private let receiver: CustodianKey

    init() throws {
        hierarchy = try Surroundings.hierarchy()
        let stk = try #require(hierarchy[KeyName(rawValue: "STK")])
        var province = try KeySet(
            name: "province", level: .province, area: "990000",
            root: KeyCheckValue(method: .encryptedZeros, bytes: [1, 2, 3]))
        for algorithm in [CardAlgorithm.tripleDES, .sm4] {
            try province.insert(SecretBytes(copying: Array(0x10..<0x20)), as: stk.name, algorithm)
        }
        set = try province.citySet(area: "990101", name: "city-990101", hierarchy: hierarchy)
        senders = try Custodians()
        receiver = try CustodianKey.make(number: 2001, name: "赵四")
    }

    private func sealed(_ set: KeySet? = nil, by signers: [CustodianKey]? = nil) throws -> String {
        try KeyEnvelope.seal(
            set ?? self.set, to: receiver.custodian, signedBy: signers ?? Array(senders.keys.prefix(2)))
    }

    private func opened(
        _ text: String, with receiver: CustodianKey? = nil, from roster: CustodianRoster? = nil
    ) throws -> KeySet {
        try KeyEnvelope.open(
            text, with: receiver ?? self.receiver, from: roster ?? senders.roster, hierarchy: hierarchy,
            mode: .development
        ).set
    }

    @Test func `the receiver gets the sender's keys, with their receipts`() throws {
        let found = try opened(sealed())
        #expect(found.identities == set.identities && found.lineage == set.lineage)
        #expect(found.name == "city-990101" && found.level == .city && found.area == "990101" && found.root == set.root)
        for identity in set.identities {
            #expect(try found.checkValue(of: identity) == set.checkValue(of: identity))
            #expect(found.exportability(of: identity) == .forbidden)
        }
    }

    @Test func `every changed character is refused before anything is opened`() throws {
        let text = Array(try sealed().utf8)
        for index in text.indices {
            var changed = text
            changed[index] ^= 0x01
            let found = codes { _ = try opened(String(decoding: changed, as: UTF8.self)) }
            #expect(
                found == ["key-envelope.not-authentic"] || found == ["key-envelope.malformed"]
                    || found == ["key-envelope.too-few-signers"], "character \(index): \(found)")
        }
        for count in [0, 1, text.count / 2, text.count - 1] {
            #expect(throws: Faults.self) { try opened(String(decoding: text.prefix(count), as: UTF8.self)) }
        }
    }

    /// As an editor or a mail program of another system leaves it; what was signed is the text as it was written.
    @Test func `the line ends of another system and a mark in front change nothing`() throws {
        let text = try sealed()
        let lines = text.replacing("\n", with: "\r\n")
        for other in [lines, "\u{FEFF}" + lines, "\u{FEFF}" + text] {
            #expect(try opened(other).identities == set.identities)
        }
        for wrong in [
            "\u{FEFF}\u{FEFF}" + text, text.replacing("\n", with: "\r"), lines.replacing("\r\n", with: "\r\r\n"),
        ] {
            #expect(codes { _ = try opened(wrong) } != [])
        }
    }

    @Test func `another receiver, another house above, one signer and one who signs twice are told`() throws {
        let text = try sealed()
        let other = try CustodianKey.make(number: 2001, name: "赵四")
        #expect(codes { _ = try opened(text, with: other) } == ["key-envelope.other-receiver"])
        let stranger = try Custodians().roster
        #expect(codes { _ = try opened(text, from: stranger) } == ["key-envelope.not-authentic"])
        let first = senders.keys[0]
        #expect(codes { _ = try sealed(by: [first]) } == ["key-envelope.too-few-signers"])
        #expect(codes { _ = try sealed(by: [first, first]) } == ["custodian.twice"])
        var lines = text.split(separator: "\n").map(String.init)
        lines.removeLast()
        #expect(
            codes { _ = try opened(lines.joined(separator: "\n") + "\n") } == ["key-envelope.too-few-signers"])
        lines.append(lines[lines.count - 1])
        #expect(codes { _ = try opened(lines.joined(separator: "\n") + "\n") } == ["custodian.twice"])
    }

    @Test func `production takes no envelope of development keys`() throws {
        let city = try Surroundings.development().citySet(area: "990101", name: "city", hierarchy: hierarchy)
        let text = try sealed(city)
        let found = codes {
            _ = try KeyEnvelope.open(
                text, with: receiver, from: senders.roster, hierarchy: hierarchy,
                mode: .production(ForbiddenRoots(), hierarchy: hierarchy))
        }
        #expect(found == ["key-store.development-in-production"])
    }

    /// A sender who signs what is wrong: a receipt of another key, of another parity, and none at all.
    @Test func `a receipt that does not lead to its key is refused, whoever signed it`() throws {
        func refusal(_ change: ([DerivationRecord]) throws -> [DerivationRecord]) throws -> [String] {
            var wrong = set
            wrong.lineage = try change(set.lineage)
            let text = try sealed(wrong)
            return codes { _ = try opened(text) }
        }
        func record(_ old: DerivationRecord, parity: KeyParity? = nil, child: KeyCheckValue? = nil) throws
            -> DerivationRecord
        {
            try #require(
                DerivationRecord(
                    key: old.key, algorithm: old.algorithm, version: old.version, level: old.level, factor: old.factor,
                    parity: parity ?? old.parity, parent: old.parent, child: child ?? old.child))
        }
        let other = KeyCheckValue(method: .encryptedZeros, bytes: [9, 9, 9])
        #expect(try refusal { try [record($0[0], child: other)] + $0.dropFirst() } == ["key-store.lineage"])
        #expect(try refusal { try [record($0[0], parity: .odd)] + $0.dropFirst() } == ["key-store.lineage"])
        #expect(try refusal { Array($0.dropLast()) } == ["key-store.lineage"])
        var none = set
        none.lineage = []
        #expect(codes { _ = try sealed(none) } == ["key-envelope.no-receipts"])
    }

    @Test func `every refusal has its words in both languages`() {
        let names = [
            "malformed", "not-authentic", "too-few-signers", "other-receiver", "no-receiver", "not-opened",
            "no-receipts",
        ]
        for name in names {
            let fault = Fault(
                FaultCode(rawValue: "key-envelope." + name),
                ["what": "x", "name": "x", "file": "x", "number": "1", "count": "1", "needed": "2"])
            #expect([2, 4].contains(MessageCatalogue.standard.exitCode(for: fault.code)), "\(fault.code)")
            for language in MessageLanguage.allCases {
                let text = MessageCatalogue.standard.text(for: fault, language: language)
                #expect(!text.what.contains("{") && text.what != fault.code.rawValue && !text.next.isEmpty)
            }
        }
    }
}

import ByteText
import CardCryptography
import CardData
import Foundation
import Testing

@testable import IssuerKeys

/// Keys of a set in key blocks: what may leave, what may come in, and what every changed character does.
@Suite struct KeyTransportTests {
    private let hierarchy: KeyHierarchy
    private let transport: KeyTransport
    private var protection: SecretBytes { SecretBytes(copying: Array(0x20..<0x30)) }
    private let key = Array<UInt8>(0x10..<0x20)

    init() throws {
        hierarchy = try Surroundings.hierarchy()
        transport = KeyTransport(hierarchy)
    }

    private func set(
        _ exportability: KeyBlockHeader.Exportability? = nil, _ algorithm: CardAlgorithm = .sm4
    ) throws -> KeySet {
        var set = try KeySet(
            name: "city", level: .city, area: "990101", root: KeyCheckValue(method: .encryptedZeros, bytes: [1, 2, 3]))
        if let exportability {
            try set.insert(
                SecretBytes(copying: key), as: KeyName(rawValue: "STK"), algorithm, exportability: exportability)
        }
        return set
    }

    private func identity(_ algorithm: CardAlgorithm = .sm4) -> KeySet.Identity {
        KeySet.Identity(name: KeyName(rawValue: "STK"), algorithm: algorithm)
    }

    private func block(_ flag: KeyBlockHeader.Exportability = .exportable) throws -> String {
        try transport.export(
            identity(), from: set(.exportable), version: .derivedSM4, protection: protection, exportability: flag)
    }

    /// A block with a header of the test's own.
    private func block(
        usage: String = "E2", algorithm: Character = "4", mode: Character = "X", keyVersion: String = "01",
        label: String? = "STK", more: [KeyBlockHeader.OptionalBlock] = [], key: [UInt8]? = nil
    ) throws -> String {
        let header = try KeyBlockHeader(
            version: .derivedSM4, usage: usage, algorithm: algorithm, mode: mode, keyVersion: keyVersion,
            exportability: .exportable, optionalBlocks: (label.map { [.init("LB", $0)] } ?? []) + more)
        let value = key ?? self.key
        return try protection.withSpan { protection in
            try KeyBlock.make(header, key: value.span, protection: protection)
        }
    }

    private func refusal(of block: String) throws -> [String] {
        var set = try self.set()
        let found = codes { _ = try transport.add(block, protection: protection, to: &set) }
        #expect(set.identities.isEmpty, "a refused key is in the set")
        return found
    }

    // MARK: - Flags

    @Test func `no key leaves a set unless its flag says so, and flags only tighten`() throws {
        func export(_ own: KeyBlockHeader.Exportability, _ flag: KeyBlockHeader.Exportability) throws -> [String] {
            codes {
                _ = try transport.export(
                    identity(), from: self.set(own), version: .derivedSM4, protection: protection, exportability: flag)
            }
        }
        for flag in KeyBlockHeader.Exportability.allCases {
            #expect(try export(.forbidden, flag) == ["key-block.export-forbidden"])
            #expect(try export(.sensitive, flag).isEmpty)
        }
        #expect(try export(.exportable, .sensitive) == ["key-block.looser"])
        #expect(try export(.exportable, .exportable).isEmpty)
        #expect(try export(.exportable, .forbidden).isEmpty)
    }

    @Test func `the development set, and what is handed down from it, may not leave`() throws {
        let development = try Surroundings.development()
        let city = try development.citySet(area: "990101", name: "city", hierarchy: hierarchy)
        for set in [development, city] {
            #expect(set.identities.allSatisfy { set.exportability(of: $0) == .forbidden })
        }
        var parent = try KeySet(name: "p", level: .province, area: "990000", root: development.root)
        try parent.insert(
            SecretBytes(copying: key), as: KeyName(rawValue: "STK"), .sm4, exportability: .exportable)
        let child = try parent.citySet(area: "990101", name: "c", hierarchy: hierarchy)
        #expect(child.exportability(of: identity()) == .exportable)
    }

    @Test func `a sealed store keeps the flags`() throws {
        var set = try self.set(.exportable)
        try set.insert(SecretBytes(copying: key), as: KeyName(rawValue: "IRK"), .sm4, exportability: .sensitive)
        try set.insert(SecretBytes(copying: key), as: KeyName(rawValue: "PUK"), .sm4)
        let text = try SealedKeyStore.seal(
            set, passphrase: SecretBytes(copying: Array("passphrase".utf8)), cost: .init(cost: 1 << 4))
        #expect(!text.contains(key.hexadecimal))
        let read = try Surroundings.withStore(text) { folder in
            try SealedKeyStore.open(
                directory: folder, passphrase: SecretBytes(copying: Array("passphrase".utf8)), mode: .development)
        }
        #expect(read.identities == set.identities && read.identities.count == 3)
        for identity in set.identities { #expect(read.exportability(of: identity) == set.exportability(of: identity)) }
        #expect(Set(read.identities.map { read.exportability(of: $0) }).count == 3)
    }

    // MARK: - In and out

    @Test(arguments: [
        (CardAlgorithm.tripleDES, KeyBlockVersion.derivedTripleDES), (.tripleDES, .derivedAES), (.sm4, .derivedAES),
        (.sm4, .derivedSM4), (.tripleDES, .derivedSM4),
    ])
    func `what leaves comes in again as the same key`(algorithm: CardAlgorithm, version: KeyBlockVersion) throws {
        let block = try transport.export(
            identity(algorithm), from: set(.exportable, algorithm), version: version, protection: protection,
            exportability: .exportable)
        var other = try set()
        let added = try transport.add(block, protection: protection, to: &other)
        #expect(added.identity == identity(algorithm))
        #expect(other.exportability(of: added.identity) == .exportable)
        #expect(try other.checkValue(of: added.identity) == set(.exportable, algorithm).checkValue(of: added.identity))
        let held = try #require(other[added.identity])
        let bytes = held.withSpan { span in span.indices.map { span[$0] } }
        #expect(bytes == key)
    }

    @Test func `every changed character is refused, and nothing of the key is used`() throws {
        let text = Array(try block().utf8)
        for index in text.indices {
            var changed = text
            changed[index] ^= 0x01
            let found = try refusal(of: String(decoding: changed, as: UTF8.self))
            #expect(found.count == 1 && found[0].hasPrefix("key-block."), "character \(index): \(found)")
        }
        for count in stride(from: 0, to: text.count, by: 7) {
            #expect(try refusal(of: String(decoding: text.prefix(count), as: UTF8.self)) == ["key-block.malformed"])
        }
    }

    @Test func `a block that says something else than the hierarchy is refused with the reason`() throws {
        #expect(try refusal(of: block(usage: "E6")) == ["key-block.usage"])
        #expect(try refusal(of: block(mode: "N")) == ["key-block.mode"])
        #expect(try refusal(of: block(algorithm: "A")) == ["key-block.algorithm"])
        #expect(try refusal(of: block(keyVersion: "00")) == ["key-block.version"])
        #expect(try refusal(of: block(label: nil)) == ["key-block.name"])
        #expect(try refusal(of: block(label: "NOKEY")) == ["key-block.name"])
        #expect(try refusal(of: block(more: [.init("10", "city 990102")])) == ["key-block.other-place"])
        #expect(try refusal(of: block(more: [.init("KC", "00ABCDEF")])) == ["key-block.check-value"])
        let weak = [UInt8](repeating: 0x01, count: 16)
        #expect(try refusal(of: block(algorithm: "T", key: weak)) == ["key-block.weak-key"])
        #expect(try refusal(of: block(algorithm: "T", key: key + Array(key.prefix(8)))) == ["key-block.key-length"])
    }

    @Test func `a key that is there is not replaced`() throws {
        var set = try self.set(.forbidden)
        #expect(codes { _ = try transport.add(block(), protection: protection, to: &set) } == ["key-store.key-refused"])
        #expect(set.exportability(of: identity()) == .forbidden)
    }

    /// Both conventions give one set of bytes here, whatever the sender's.
    @Test func `the parity of an arriving DES key is brought under the rule of the house`() throws {
        var hierarchyText = try String(
            contentsOf: Surroundings.home.appending(path: "Keys/hierarchy.yaml"), encoding: .utf8)
        hierarchyText = hierarchyText.replacingOccurrences(of: "\nparity: none", with: "\nparity: odd")
        let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString + ".yaml")
        try Data(hierarchyText.utf8).write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }
        let odd = KeyTransport(try KeyHierarchy.read(path.path(percentEncoded: false)))
        var set = try self.set()
        _ = try odd.add(block(algorithm: "T"), protection: protection, to: &set)
        let held = try #require(set[identity(.tripleDES)])
        let bytes = held.withSpan { span in span.indices.map { span[$0] } }
        #expect(bytes.allSatisfy { $0.nonzeroBitCount % 2 == 1 } && zip(bytes, key).allSatisfy { $0 ^ $1 < 2 })
    }

    @Test func `every refusal has its words in both languages`() {
        let faults: [Fault] =
            [
                KeyBlockError.malformed("length"), .unknownVersion("E"), .onlyOpened(.variantA),
                .protectionKey(.derivedSM4, length: 8), .notAuthentic,
                .weakerProtection(.derivedTripleDES, algorithm: "A"), .keyLength(algorithm: "T", length: 8),
            ].flatMap(\.faults)
            + [
                Fault("key-block.name", ["name": "X"]), Fault("key-block.mode", ["key": "X", "mode": "N"]),
                Fault("key-block.usage", ["key": "X", "usage": "E6", "expected": "E2"]),
                Fault("key-block.algorithm", ["key": "X", "algorithm": "A"]),
                Fault("key-block.version", ["version": "0"]), Fault("key-block.check-value", ["key": "X"]),
                Fault("key-block.other-place", ["found": "a", "expected": "b"]),
                Fault("key-block.weak-key", ["key": "X"]), Fault("key-block.protection-form"),
                Fault("key-block.export-forbidden", ["key": "X", "name": "n"]),
                Fault("key-block.looser", ["key": "X", "flag": "S", "own": "E"]),
            ]
        for fault in faults {
            #expect([2, 4].contains(MessageCatalogue.standard.exitCode(for: fault.code)), "\(fault.code)")
            for language in MessageLanguage.allCases {
                let text = MessageCatalogue.standard.text(for: fault, language: language)
                #expect(!text.what.contains("{") && text.what != fault.code.rawValue && !text.next.isEmpty)
            }
        }
    }
}

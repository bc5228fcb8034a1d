import CardCryptography
import CardData
import Synchronization
import Testing

@testable import IssuerKeys

/// Two roads to one key, and what happens where they part.
@Suite struct EngineComparisonTests {
    private let hierarchy: KeyHierarchy
    private let set: KeySet
    private let service: SoftwareKeyService

    init() throws {
        hierarchy = try Surroundings.hierarchy()
        set = try Surroundings.development()
        service = try Surroundings.service(set)
    }

    private func card(_ algorithm: CardAlgorithm, _ last: UInt8 = 6) -> CardKeyContext {
        CardKeyContext(algorithm: algorithm, area: "990100", cardFactor: [0x86, 0x49, 1, 2, 3, 4, 5, last])
    }

    /// The keys that a card of this algorithm has; those of security domains are of others.
    private func keys(of algorithm: CardAlgorithm) -> [KeyHierarchy.Key] {
        hierarchy.keys.filter { $0.algorithms.contains(algorithm) }
    }

    @Test(arguments: [CardAlgorithm.tripleDES, .sm4])
    func `both roads lead to the same key, for every key of a card`(algorithm: CardAlgorithm) throws {
        let second = SecondDerivation(set, hierarchy: hierarchy)
        for key in keys(of: algorithm) {
            let one = try service.keyCheckValue(of: .issuer(key.name), card: card(algorithm))
            let other = try second.comparedCheckValue(of: key.name, card: card(algorithm))
            #expect(one == other, "\(key.name)")
        }
        // every key is drawn in turn
        let turn = Mutex(0)
        let comparison = EngineComparison(service, second, hierarchy: hierarchy, sampleSize: keys(of: algorithm).count)
        {
            count in
            turn.withLock { turn in
                defer { turn += 1 }
                return turn % count
            }
        }
        try comparison.check(card(algorithm))
    }

    /// The published single-block values of both ciphers, by the second road.
    @Test func `the second road gives the published blocks`() throws {
        let key = SecretBytes(copying: try bytes("0123456789ABCDEFFEDCBA9876543210"))
        let block = try bytes("0123456789ABCDEFFEDCBA9876543210")
        #expect(
            try key.withSpan { try SecondEngine.encrypt(.sm4, key: $0, block: block).unprotectedCopy() }
                == bytes("681EDF34D206965E86B3E94F536E4246"))
        // enc-zero of this 3DES key, as SoftHSM2 gives it (keys.md §7)
        let zeros = [UInt8](repeating: 0, count: 8)
        #expect(
            try key.withSpan { try SecondEngine.encrypt(.tripleDES, key: $0, block: zeros).unprotectedCopy() }.prefix(3)
                == bytes("08D7B4")[...])
        #expect(throws: CryptographyError.wrongLength("block", 16)) {
            _ = try key.withSpan { try SecondEngine.encrypt(.tripleDES, key: $0, block: block) }
        }
    }

    @Test(arguments: [CardAlgorithm.tripleDES, .sm4])
    func `an engine with another master is found, whatever key is drawn`(algorithm: CardAlgorithm) throws {
        var other = try KeySet(name: "other", level: .province, area: "000000", root: set.root)
        for key in hierarchy.keys { try other.insert(SecureRandom.secret(16), as: key.name, algorithm) }
        let keys = keys(of: algorithm)
        for index in [0, 5, keys.count - 1] {
            let comparison = EngineComparison(
                service, SecondDerivation(other, hierarchy: hierarchy), hierarchy: hierarchy, sampleSize: 1
            ) { _ in index }
            #expect(throws: CardKeyError.enginesDiffer(keys[index].name)) {
                try comparison.check(card(algorithm))
            }
        }
    }

    /// PKCS#11 modules set odd parity: other bytes, the same key.
    @Test func `parity makes no difference`() throws {
        let odd = KeyHierarchy(keys: hierarchy.keys, levels: hierarchy.levels, parity: .odd)
        let plain = SecondDerivation(set, hierarchy: hierarchy)
        let parted = try SoftwareKeyService(
            set.citySet(area: "990100", name: "city", hierarchy: odd), hierarchy: odd)
        for key in hierarchy.keys.prefix(5) {
            #expect(
                try parted.keyCheckValue(of: .issuer(key.name), card: card(.tripleDES))
                    == plain.comparedCheckValue(of: key.name, card: card(.tripleDES)))
        }
    }
}

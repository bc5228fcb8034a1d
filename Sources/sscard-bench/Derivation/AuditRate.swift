import ByteText
import IssuerKeys

/// What the comparison with a second engine adds to a batch: the WRITE KEY commands of every key of a card, with a sample of its keys
/// derived once more and compared, beside the same without.
struct AuditRate {
    private static let master = CardKeyReference.issuer(KeyName(rawValue: "MKSSSE"))
    private static let cardCount: UInt64 = 16

    private let keys: SoftwareKeyService
    private let hierarchy: KeyHierarchy
    private let comparison: EngineComparison

    init(_ surroundings: Surroundings) throws {
        hierarchy = try KeyHierarchy.read(surroundings.home + "/Keys/hierarchy.yaml")
        let set = try SealedKeyStore.openDevelopment(directory: surroundings.home + "/Keys/development")
        keys = try SoftwareKeyService(set, hierarchy: hierarchy)
        comparison = EngineComparison(keys, SecondDerivation(set, hierarchy: hierarchy), hierarchy: hierarchy)
    }

    /// Takes turns between batches with the comparison and without.
    func measure(rounds: Int, seconds: Double, progress: (Int) -> Void) throws -> [Comparison] {
        let algorithms: [(name: String, algorithm: CardAlgorithm)] = [("SM4", .sm4), ("3DES", .tripleDES)]
        var compared = [Samples](repeating: Samples(), count: algorithms.count)
        var bare = compared
        for round in 0..<rounds {
            progress(round)
            for (index, line) in algorithms.enumerated() {
                compared[index].add(try microseconds(line.algorithm, isCompared: true, seconds: seconds))
                bare[index].add(try microseconds(line.algorithm, isCompared: false, seconds: seconds))
            }
        }
        return algorithms.indices.map { index in
            Comparison(
                name: "keys of a card, \(algorithms[index].name), with the second engine beside without",
                unit: "µs/card", ours: compared[index], baseline: bare[index], aim: .atMost(1.15))
        }
    }

    /// What a card of the batch takes of the processor's time.
    private func microseconds(_ algorithm: CardAlgorithm, isCompared: Bool, seconds: Double) throws -> Double {
        let cards = (1...Self.cardCount).map { number in
            CardKeyContext(algorithm: algorithm, area: "990100", cardFactor: number.bigEndianBytes)
        }
        let names = hierarchy.keys.filter { $0.algorithms.contains(algorithm) }.map(\.name)
        let stopwatch = Stopwatch()
        var count = 0
        repeat {
            for card in cards {
                if isCompared { try comparison.check(card) }
                for name in names { try load(name, into: card) }
            }
            count += cards.count
        } while stopwatch.processorSeconds < seconds
        return stopwatch.processorSeconds / Double(count) * 1e6
    }

    private func load(_ name: KeyName, into card: CardKeyContext) throws {
        _ = try keys.writeKeyCommand(
            WriteKeyRequest(
                p1: 1, p2: 0, header: [0xF9, 0xF0, 0xF0, 0xAA, 0xFF], content: .key(.issuer(name)),
                protection: Self.master, card: card, challenge: [1, 2, 3, 4]))
    }
}

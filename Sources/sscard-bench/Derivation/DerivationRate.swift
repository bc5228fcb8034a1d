import ByteText
import IssuerKeys

/// How many card keys the software key service derives, beside C code that keeps its contexts.
struct DerivationRate {
    /// The same key of every card: one of the hierarchy that exists for both ciphers.
    private static let key = KeyName(rawValue: "IRK")
    /// So few that their contexts stay in the processor's nearest cache, as keybench.c's counter does.
    private static let cardCount: UInt64 = 256

    private struct Line {
        let name: String
        let algorithm: CardAlgorithm
        let isBatch: Bool
        var ours = Samples()
    }

    private let keys: SoftwareKeyService
    private let baseline: KeyBaseline

    init(_ surroundings: Surroundings) throws {
        keys = try SoftwareKeyService(
            SealedKeyStore.openDevelopment(directory: surroundings.home + "/Keys/development"),
            hierarchy: KeyHierarchy.read(surroundings.home + "/Keys/hierarchy.yaml"))
        baseline = KeyBaseline(program: try surroundings.baseline("keybench"))
    }

    /// Takes turns with the C program.
    func measure(rounds: Int, seconds: Double, progress: (Int) -> Void) throws -> [Comparison] {
        let baselineLines: [CardAlgorithm: String] = [
            .sm4: "sm4.derive.1blk.reuse", .tripleDES: "3des.derive.reuse.1call",
        ]
        var theirs: [CardAlgorithm: Samples] = [:]
        var lines = [
            Line(name: "card keys, SM4, 256 a call", algorithm: .sm4, isBatch: true),
            Line(name: "card keys, SM4, 1 a call", algorithm: .sm4, isBatch: false),
            Line(name: "card keys, 3DES, 256 a call", algorithm: .tripleDES, isBatch: true),
            Line(name: "card keys, 3DES, 1 a call", algorithm: .tripleDES, isBatch: false),
        ]
        for round in 0..<rounds {
            progress(round)
            for index in lines.indices {
                lines[index].ours.add(
                    try rate(lines[index].algorithm, isBatch: lines[index].isBatch, seconds: seconds))
            }
            for (algorithm, line) in baselineLines {
                theirs[algorithm, default: Samples()].add(try baseline.rate(of: line, seconds: seconds))
            }
        }
        return lines.map { line in
            Comparison(
                name: line.name, unit: "keys/s", ours: line.ours, baseline: theirs[line.algorithm] ?? Samples(),
                aim: .atLeast(0.80))
        }
    }

    private func rate(_ algorithm: CardAlgorithm, isBatch: Bool, seconds: Double) throws -> Double {
        let factors = (1...Self.cardCount).map(\.bigEndianBytes)
        let cards = factors.map { CardKeyContext(algorithm: algorithm, area: "990100", cardFactor: $0) }
        let batch = factors.compactMap { DiversificationFactor($0) }
        let reference = CardKeyReference.issuer(Self.key)
        try keys.deriveAndForget(reference, ofEach: cards.span)
        let stopwatch = Stopwatch()
        var count = 0
        repeat {
            if isBatch {
                try keys.deriveAndForget(Self.key, ofCardsLike: cards[0], factors: batch.span)
            } else {
                try keys.deriveAndForget(reference, ofEach: cards.span)
            }
            count += cards.count
        } while stopwatch.processorSeconds < seconds
        return Double(count) / stopwatch.processorSeconds
    }
}

import ByteText
import IssuerKeys

/// How many card keys the software key service derives, beside C code that keeps its contexts.
struct DerivationRate {
    /// The same key of every card: one of the hierarchy that exists for both ciphers.
    private static let key = CardKeyReference.issuer(KeyName(rawValue: "IRK"))
    /// So few that their contexts stay in the processor's nearest cache, as keybench.c's counter does.
    private static let cardCount: UInt64 = 256

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
        let lines: [(algorithm: CardAlgorithm, line: String, name: String)] = [
            (.sm4, "sm4.derive.1blk.reuse", "card keys, SM4"),
            (.tripleDES, "3des.derive.reuse.1call", "card keys, 3DES"),
        ]
        var ours = lines.map { _ in Samples() }
        var theirs = lines.map { _ in Samples() }
        for round in 0..<rounds {
            progress(round)
            for (index, line) in lines.enumerated() {
                ours[index].add(try rate(line.algorithm, seconds: seconds))
                theirs[index].add(try baseline.rate(of: line.line, seconds: seconds))
            }
        }
        return lines.indices.map { index in
            Comparison(
                name: lines[index].name, unit: "keys/s", ours: ours[index], baseline: theirs[index],
                aim: .atLeast(0.80))
        }
    }

    private func rate(_ algorithm: CardAlgorithm, seconds: Double) throws -> Double {
        let cards = (1...Self.cardCount).map { number in
            CardKeyContext(algorithm: algorithm, area: "990100", cardFactor: number.bigEndianBytes)
        }
        let key = Self.key
        try keys.deriveAndForget(key, of: cards[0])
        let stopwatch = Stopwatch()
        var count = 0
        repeat {
            for index in cards.indices { try keys.deriveAndForget(key, of: cards.span[index]) }
            count += cards.count
        } while stopwatch.processorSeconds < seconds
        return Double(count) / stopwatch.processorSeconds
    }
}

import ByteText
import Dispatch
import IssuerKeys
import Synchronization

/// How much more two threads derive with one software key service than one, by the clock on the wall: it wants two processors.
struct TwoCoreRate {
    private static let key = CardKeyReference.issuer(KeyName(rawValue: "IRK"))
    private static let cardCount: UInt64 = 256

    private let keys: SoftwareKeyService

    init(_ surroundings: Surroundings) throws {
        keys = try SoftwareKeyService(
            SealedKeyStore.openDevelopment(directory: surroundings.home + "/Keys/development"),
            hierarchy: KeyHierarchy.read(surroundings.home + "/Keys/hierarchy.yaml"))
    }

    /// Takes turns between one thread and two.
    func measure(rounds: Int, seconds: Double, progress: (Int) -> Void) throws -> [Comparison] {
        let algorithms: [(name: String, algorithm: CardAlgorithm)] = [("SM4", .sm4), ("3DES", .tripleDES)]
        var one = [Samples](repeating: Samples(), count: algorithms.count)
        var two = one
        for round in 0..<rounds {
            progress(round)
            for (index, line) in algorithms.enumerated() {
                one[index].add(rate(line.algorithm, threads: 1, seconds: seconds))
                two[index].add(rate(line.algorithm, threads: 2, seconds: seconds))
            }
        }
        return algorithms.indices.map { index in
            Comparison(
                name: "card keys, \(algorithms[index].name), 1 a call, two threads beside one", unit: "keys/s",
                ours: two[index], baseline: one[index], aim: .atLeast(1.8))
        }
    }

    private func rate(_ algorithm: CardAlgorithm, threads: Int, seconds: Double) -> Double {
        let total = Atomic(0)
        let stopwatch = Stopwatch()
        DispatchQueue.concurrentPerform(iterations: threads) { number in
            let cards = (1...Self.cardCount).map { index in
                CardKeyContext(
                    algorithm: algorithm, area: "990100", cardFactor: (index << 8 | UInt64(number)).bigEndianBytes)
            }
            var count = 0
            repeat {
                guard (try? keys.deriveAndForget(Self.key, ofEach: cards.span)) != nil else { return }
                count += cards.count
            } while stopwatch.microseconds < seconds * 1e6
            total.add(count, ordering: .relaxed)
        }
        return Double(total.load(ordering: .relaxed)) / (stopwatch.microseconds / 1e6)
    }
}

import CardCryptography

/// Two engines for one batch.
///
/// Of every card a random sample of keys is derived by both, and compared by check value, which no parity bit changes. The first
/// difference ends the batch before the card is touched.
public struct EngineComparison: Sendable {
    private let first: any CardKeyService
    private let second: any DerivationEngine
    private let names: [CardAlgorithm: [KeyName]]
    private let sampleSize: Int
    private let draw: @Sendable (Int) -> Int

    /// A comparison.
    ///
    /// - Parameters:
    ///   - first: the service that makes the cards.
    ///   - second: another way to the same keys.
    ///   - sampleSize: keys compared for each card.
    ///   - draw: a number below the one given, at random.
    public init(
        _ first: any CardKeyService, _ second: any DerivationEngine, hierarchy: KeyHierarchy, sampleSize: Int = 2,
        draw: @escaping @Sendable (Int) -> Int = { Int.random(in: 0..<$0) }
    ) {
        self.first = first
        self.second = second
        self.sampleSize = sampleSize
        self.draw = draw
        names = Dictionary(
            uniqueKeysWithValues: CardAlgorithm.allCases.map { algorithm in
                (algorithm, hierarchy.keys.filter { $0.algorithms.contains(algorithm) }.map(\.name))
            })
    }

    /// Compares a sample of a card's keys.
    ///
    /// - Throws: `enginesDiffer` for the first key of which they do; what either engine throws.
    public func check(_ card: CardKeyContext) throws(CardKeyError) {
        guard let names = names[card.algorithm], !names.isEmpty else { return }
        for _ in 0..<sampleSize {
            let name = names[draw(names.count)]
            guard let expected = try second.comparedCheckValue(of: name, card: card) else { continue }
            guard try first.keyCheckValue(of: .issuer(name), card: card) == expected else {
                throw .enginesDiffer(name)
            }
        }
    }
}

import CardData
import Lifecycle
import Registry
import Synchronization

/// Cards whose hold is past the last day that it was given, where the centre counts the days: somebody here has to see to them.
///
/// Found when the days are looked at, at the start and each hour; whether a card is still held is asked when the first page tells it.
final class HoldsOver: Sendable {
    /// So many are remembered, and told by their numbers; the others come up as these are released.
    static let most = 20

    private let cards = Mutex<[CardReference]>([])

    /// Takes in what was found.
    func take(_ found: [CardReference]) { cards.withLock { $0 = Array(found.prefix(Self.most)) } }

    /// The fault that the first page shows; nil where nothing is to be seen to.
    ///
    /// - Throws: the store's errors.
    func fault(in registry: Registry) throws(RegistryError) -> Fault? {
        var numbers: [String] = []
        for reference in cards.withLock({ $0 }) {
            guard let card = try registry.card(reference), !card.state.social.isEnded,
                card.state.isRestricted(by: .hold), let number = card.facts?.number
            else { continue }
            numbers.append(number.printed)
        }
        guard !numbers.isEmpty else { return nil }
        return Fault(
            "counter.holds-over", ["count": String(numbers.count), "cards": numbers.joined(separator: ", ")])
    }
}

import Lifecycle

/// What was fixed when a card was made, and where its rows are.
///
/// Shared, and not copied: each act hands the card on many times, and its ten texts would be counted each time.
final class FixedCard: Hashable, Sendable {
    let reference: CardReference
    let facts: CardFacts?
    /// The number of its rows in this file; another file has the same card elsewhere, so that it says nothing of the card.
    let row: Int64

    init(_ reference: CardReference, _ facts: CardFacts?, row: Int64) {
        self.reference = reference
        self.facts = facts
        self.row = row
    }

    static func == (left: FixedCard, right: FixedCard) -> Bool {
        left === right || left.reference == right.reference && left.facts == right.facts
    }

    func hash(into hasher: inout Hasher) { hasher.combine(reference) }
}

import Lifecycle

/// The cards that acts were about lately, as they stand in the file: the next act on one of them is judged without reading it.
///
/// Acts come in bursts: a card is made, handed over and enabled, or lost and found, within an hour; reading and decoding its rows
/// takes longer than judging the act. Nobody but the writer changes rows, so what it remembers is what they say; what a transaction or a
/// part of one changed is forgotten with it.
struct CardMemory {
    /// So many cards are remembered, some two megabytes; then it begins anew.
    private static let most = 4096

    private var cards: [CardReference: RegisteredCard] = [:]
    /// What this transaction has changed, in its order.
    private var changed: [CardReference] = []

    /// A card as it stands; nil when that is not remembered.
    subscript(reference: CardReference) -> RegisteredCard? { cards[reference] }

    /// Remembers a row that was read.
    mutating func note(_ card: RegisteredCard) {
        cards[card.reference] = card
        guard cards.count > Self.most else { return }
        cards.removeAll(keepingCapacity: true)
        cards[card.reference] = card
    }

    /// Remembers what an act has made of a row; nil when only reading it would tell.
    mutating func change(_ reference: CardReference, to card: RegisteredCard?) {
        changed.append(reference)
        if let card { note(card) } else { cards[reference] = nil }
    }

    /// How many changes there were in this transaction, for ``forget(since:)``.
    var changeCount: Int { changed.count }

    /// Forgets every card that was changed after so many changes.
    mutating func forget(since count: Int) {
        for reference in changed[count...] { cards[reference] = nil }
        changed.removeSubrange(count...)
    }

    /// What was changed is in the file.
    mutating func noteCommit() { changed.removeAll(keepingCapacity: true) }
}

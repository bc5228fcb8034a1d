/// What a transition must know beside the card's own state.
public struct CardSurroundings: Hashable, Sendable {
    /// The card.
    public let card: CardReference
    /// Whether the person has another card that is not ended.
    public let personHasOtherCard: Bool

    /// A card and what stands beside it.
    public init(card: CardReference, personHasOtherCard: Bool) {
        self.card = card
        self.personHasOtherCard = personHasOtherCard
    }
}

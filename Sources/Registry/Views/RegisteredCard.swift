public import Lifecycle

/// A card as the log's acts have left it.
public struct RegisteredCard: Hashable, Sendable {
    /// Its identification code.
    public let reference: CardReference
    /// What was fixed when it was personalised; nil when it failed before that.
    public let facts: CardFacts?
    /// Its state.
    public let state: CardState
    /// The card that took its place.
    public let successor: CardReference?
    /// The sequence of the newest event about it.
    public let lastSequence: UInt64

    init(
        reference: CardReference, facts: CardFacts?, state: CardState, successor: CardReference?, lastSequence: UInt64
    ) {
        self.reference = reference
        self.facts = facts
        self.state = state
        self.successor = successor
        self.lastSequence = lastSequence
    }
}

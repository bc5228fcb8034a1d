public import Lifecycle

/// A card as the log's acts have left it.
public struct RegisteredCard: Hashable, Sendable {
    /// What acts leave as it is, one for all states that the card goes through.
    let fixed: FixedCard
    /// Its state.
    public let state: CardState
    /// The card that took its place.
    public let successor: CardReference?
    /// The sequence of the newest event about it.
    public let lastSequence: UInt64

    init(_ fixed: FixedCard, state: CardState, successor: CardReference?, lastSequence: UInt64) {
        self.fixed = fixed
        self.state = state
        self.successor = successor
        self.lastSequence = lastSequence
    }

    /// Its identification code.
    public var reference: CardReference { fixed.reference }

    /// What was fixed when it was personalised; nil when it failed before that.
    public var facts: CardFacts? { fixed.facts }
}

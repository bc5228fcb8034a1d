public import Lifecycle

/// An act to be recorded on a card.
public struct ActEntry: Hashable, Sendable {
    /// What is done.
    public let act: Act
    /// On which card.
    public let card: CardReference
    /// By whom, with whom, on what proof.
    public let handling: Handling

    /// An act on a card.
    public init(_ act: Act, on card: CardReference, handledBy handling: Handling) {
        self.act = act
        self.card = card
        self.handling = handling
    }
}

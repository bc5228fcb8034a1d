public import Lifecycle

/// An act to be recorded on a card.
public struct ActEntry: Hashable, Sendable {
    /// What is done.
    public let act: Act
    /// On which card; nil for acts that are about none.
    public let card: CardReference?
    /// By whom, with whom, on what proof.
    public let handling: Handling

    /// An act on a card, or about none.
    public init(_ act: Act, on card: CardReference? = nil, handledBy handling: Handling) {
        self.act = act
        self.card = card
        self.handling = handling
    }
}

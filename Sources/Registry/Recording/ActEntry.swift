public import Lifecycle

/// An act to be recorded on a card.
public struct ActEntry: Hashable, Sendable {
    /// What is done.
    public let act: Act
    /// On which card; nil for acts that are about none.
    public let card: CardReference?
    /// By whom, with whom, on what proof.
    public let handling: Handling

    /// The newest event of the card, or of the application, that whoever acts has seen; nil when nobody says what they saw.
    public let seen: UInt64?

    /// An act on a card, or about none.
    ///
    /// - Parameter seen: the newest event, of the card or of the application whose step it is, that was shown to whoever acts: the act is
    ///   refused when there is a newer one by the time it is judged.
    public init(
        _ act: Act, on card: CardReference? = nil, handledBy handling: Handling, expecting seen: UInt64? = nil
    ) {
        self.act = act
        self.card = card
        self.handling = handling
        self.seen = seen
    }
}

extension [ActEntry] {
    /// The same acts, the first of them judged by what was shown to whoever acts; the others stand behind it in the same transaction.
    ///
    /// - Parameter seen: the newest event of the first act's card that was shown; nil when nobody says what they saw.
    public func expecting(_ seen: UInt64?) -> [ActEntry] {
        guard let first else { return self }
        return [ActEntry(first.act, on: first.card, handledBy: first.handling, expecting: seen)] + dropFirst()
    }
}

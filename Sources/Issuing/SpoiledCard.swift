public import CardData

/// A card that was given up, and what became of its chip.
public struct SpoiledCard: Hashable, Sendable {
    /// What became of a chip.
    public enum Chip: Hashable, Sendable {
        /// It refuses every command from now on, and the log says so.
        case blocked
        /// It lay in the reader and was not blocked: what stood against it. Whoever destroys the card is asked again.
        case unblocked([Fault])
        /// It lay in no reader, and was asked for nothing.
        case absent
    }

    /// The number that was on it and is given to no other card.
    public let number: CardNumber
    /// What became of its chip.
    public let chip: Chip
}

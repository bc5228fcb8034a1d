public import ISO7816

/// What the PC/SC service says of one reader slot at one moment.
public struct ReaderDescription: Hashable, Sendable {
    /// What is in the slot.
    public enum CardState: Hashable, Sendable {
        /// No card.
        case empty
        /// A card that answers, or has not been asked yet.
        case present
        /// A card that does not answer: wrong way round, dirty, broken, or no chip card.
        case mute
        /// The reader is gone or cannot tell.
        case unknown
    }

    /// The slot's name.
    public let name: ReaderName
    /// What is in it.
    public let cardState: CardState
    /// The card's answer to reset, when it gave a well-formed one.
    public let answerToReset: AnswerToReset?
    /// Counts insertions and removals, modulo 65,536: the only sign of a quick swap (upper half of `dwEventState`).
    public let eventCounter: UInt16
    /// True while a program has the card to itself.
    public let isHeldExclusively: Bool

    /// True when a card is in the slot, answering or not.
    public var isCardPresent: Bool { cardState == .present || cardState == .mute }
}

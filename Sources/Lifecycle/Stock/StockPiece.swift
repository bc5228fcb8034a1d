/// A piece of stock as the book has it: what it is, and whose.
public struct StockPiece: Hashable, Sendable {
    /// The chip's serial number.
    public let serial: [UInt8]
    /// What it is.
    public let kind: StockKind
    /// The number of the officer who answers for it.
    public let owner: UInt64
    /// The terminal that it is built into; nil where it is in none.
    public let terminal: TerminalNumber?

    /// A piece.
    public init(serial: [UInt8], kind: StockKind, owner: UInt64, terminal: TerminalNumber? = nil) {
        self.terminal = terminal
        self.serial = serial
        self.kind = kind
        self.owner = owner
    }
}

extension CardState {
    /// Whether the card's plastic may come into the stock book from outside as a piece of this kind.
    ///
    /// A card is no blank again, and one that is in somebody's hands comes in by the act that takes it back.
    func mayBeReceived(as kind: StockKind) -> Bool {
        switch physical {
        case .destroyed: kind != .blank
        case .spoiled: kind == .spoiled
        case .personalized, .awaitingCollection: kind == .finished
        case .recovered: kind == (social.isEnded ? .spoiled : .finished)
        case .personalizing, .inTransit, .withHolder, .missing: false
        }
    }
}

public import CardData

/// What making one card costs.
public struct CardCost: Hashable, Sendable {
    /// Commands that are sent.
    public let commands: Int
    /// Bytes on the line, both ways.
    public let bytes: Int
    /// Seconds at 9600 baud, the speed that every card and reader has.
    public let seconds: Double

    /// A cost from its parts.
    public init(commands: Int, bytes: Int, seconds: Double) {
        self.commands = commands
        self.bytes = bytes
        self.seconds = seconds
    }
}

/// What a layout allows the making of a card with every file full to cost: `budget: {commands: 520, bytes: 30000, seconds: 60}`.
///
/// A file or an element too many is seldom noticed when it is written down and always at the counter; the lint notices it.
public struct LayoutBudget: Hashable, Sendable {
    /// The most that is allowed.
    public let most: CardCost
    /// Where it is written.
    public let place: SourcePlace

    /// A budget from its parts.
    public init(most: CardCost, place: SourcePlace) {
        self.most = most
        self.place = place
    }
}

/// 案卷: all acts on the cards of one person, and what follows from them (lifecycle-and-sync.md §4).
///
/// The outcome is a function of the set of acts and their positions: in whatever order a copy receives them, it comes to the same.
/// Restrictions are a set with named removals, an ended card is ended, its reason is the strongest of those given, and its
/// successor is the one at the lowest position. No rule reads a clock.
public struct CaseFile: Hashable, Sendable {
    private var acts: [UInt64: PositionedAct] = [:]

    /// An empty file.
    public init() {}

    /// Takes an act in, in any order; the same act twice is once.
    public mutating func take(_ act: PositionedAct) { acts[act.position] = act }

    /// The acts in the order of their positions.
    public var ordered: [PositionedAct] { acts.values.sorted { $0.position < $1.position } }

    /// What follows from all acts.
    public var outcome: CaseOutcome {
        var reckoning = CaseReckoning(ordered)
        return reckoning.outcome()
    }
}

/// What follows from the acts of a case.
public struct CaseOutcome: Hashable, Sendable {
    /// One card of the case.
    public struct Card: Hashable, Sendable {
        /// Its state.
        public var state: CardState
        /// The card that took its place.
        public var successor: CardReference?
    }

    /// The cards.
    public internal(set) var cards: [CardReference: Card] = [:]
    /// The ruling on each act, by its position.
    public internal(set) var rulings: [UInt64: Ruling] = [:]
}

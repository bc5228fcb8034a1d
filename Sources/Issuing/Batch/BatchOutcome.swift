public import CardData
public import Personalization

/// What became of one row of a batch.
public enum BatchOutcome: Sendable {
    /// The card is made, checked and recorded; how long it took, from the card in hand to the commit.
    case made(IssuedCard, Duration)
    /// No card can be made for this person, and none was begun: why.
    case refused([Fault])
    /// A card was begun and is not finished: its chip, and why. Nobody but this chip can finish it.
    case unfinished(CardIdentity, [Fault])
    /// No lane came to this row, or gave it back before anything was begun.
    case left
}

/// One row of a batch when all is over.
public struct BatchResult: Sendable {
    /// The lane that settled the row; nil for a row that is left.
    public let lane: String?
    /// What became of it.
    public let outcome: BatchOutcome
}

/// A batch when all is over.
public struct BatchReport: Sendable {
    /// One result for each row, in the rows' order.
    public let results: [BatchResult]
    /// What ended the batch before its time, and would have met every other row too: store, journal, keys.
    public let obstacle: [Fault]

    /// The numbers of the rows that are left, from 0.
    public var left: [Int] {
        results.indices.filter { index in
            if case .left = results[index].outcome { true } else { false }
        }
    }
}

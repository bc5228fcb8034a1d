public import CardData

/// Leave to spend the last try of a key or PIN, given by two different officers.
public struct LastTryPermission: Hashable, Sendable {
    /// Who acts.
    public let officer: UInt64
    /// Who confirms.
    public let second: UInt64

    /// A permission; throws `card.last-try-second` when one person has given both parts of it.
    public init(officer: UInt64, second: UInt64) throws(Faults) {
        guard officer != second else { throw Faults("card.last-try-second") }
        self.officer = officer
        self.second = second
    }
}

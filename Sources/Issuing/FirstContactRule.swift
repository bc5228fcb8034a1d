public import Personalization
public import Registry

/// How a place takes cards that it sees for the first time: which ones its books have, and who answers for the others.
public struct FirstContactRule: Sendable {
    /// Whether the books have a card.
    let isInTheBooks: @Sendable (CardIdentity) -> Bool
    /// The officer who lets keys be presented to a card that cannot prove itself before; nil where nobody does.
    let acceptedBy: UInt64?

    /// A rule from its parts.
    public init(acceptedBy: UInt64? = nil, isInTheBooks: @escaping @Sendable (CardIdentity) -> Bool) {
        self.acceptedBy = acceptedBy
        self.isInTheBooks = isInTheBooks
    }

    /// The rule of a place whose books are a registry: it has what was begun or made on the chip.
    ///
    /// One that cannot be asked has nothing.
    public init(of registry: Registry, acceptedBy: UInt64? = nil) {
        self.init(acceptedBy: acceptedBy) { card in (try? registry.reference(onChip: card.bytes)) != nil }
    }
}

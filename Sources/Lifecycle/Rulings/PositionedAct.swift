/// An act as the centre has stored it: at a position, which is its place in the order of arrival.
public struct PositionedAct: Hashable, Sendable {
    /// Its place in the feed of its region; no two acts share one.
    public let position: UInt64
    /// The event that carries it.
    public let identifier: EventIdentifier
    /// The card it names.
    public let card: CardReference
    /// What was done.
    public let act: Act
    /// The newest position about this card that the counter knew.
    public let seen: UInt64

    /// An act at a position.
    public init(position: UInt64, identifier: EventIdentifier, card: CardReference, act: Act, seen: UInt64) {
        self.position = position
        self.identifier = identifier
        self.card = card
        self.act = act
        self.seen = seen
    }

    /// Whether the counter that entered this act knew of the other: it had its position, or it is earlier in its own log.
    func knew(of other: PositionedAct) -> Bool {
        if identifier.counter == other.identifier.counter { return identifier.sequence > other.identifier.sequence }
        return other.position <= seen
    }

    /// Whether the two crossed: neither counter knew of the other's act.
    func crossed(_ other: PositionedAct) -> Bool { !knew(of: other) && !other.knew(of: self) }
}

public import CardData
public import ISO7816
public import Lifecycle
public import Registry

/// 销毁: the chip of a card that two persons are about to cut is blocked first, where it lies in the reader, so that no half of it answers anybody.
extension OldCardDesk {
    /// Blocks the card in the reader and books chip and destruction together; where the chip does not let itself be blocked, the log says so.
    ///
    /// - Parameters:
    ///   - handling: who destroys it; that the card was read is added here.
    ///   - seen: the card's newest event that was shown to whoever asks; nil when nobody says what they saw.
    /// - Returns: the event of the destruction, and why the chip was not blocked.
    /// - Throws: ``ChipError`` for another card, what the reader says, and what the registry would refuse, before the chip is touched.
    public func destroy(
        _ card: RegisteredCard, handledBy handling: Handling, expecting seen: UInt64? = nil,
        through channel: any CardChannel
    ) throws -> (event: EventIdentifier, refusal: (any FaultReporting)?) {
        let handling = Handling(
            by: handling.officer, second: handling.second, proofs: handling.proofs.union(.cardRead))
        let destruction = CardDestruction(of: card, in: registry, handledBy: handling, expecting: seen)
        try destruction.check()
        let refusal = try refusalOfBlocking(card, through: channel)
        return (try destruction.record(chip: refusal == nil ? .blocked : .refused), refusal)
    }
}

/// The acts of a destruction: what became of the chip, and that the plastic is gone; they stand or fall together.
public struct CardDestruction: Sendable {
    private let card: RegisteredCard
    private let registry: Registry
    private let handling: Handling
    private let seen: UInt64?

    /// The destruction of a card.
    public init(
        of card: RegisteredCard, in registry: Registry, handledBy handling: Handling, expecting seen: UInt64? = nil
    ) {
        self.card = card
        self.registry = registry
        self.handling = handling
        self.seen = seen
    }

    /// Refuses what the registry would refuse of it.
    ///
    /// - Throws: ``RegistryError``.
    public func check() throws { try registry.check(entries(.blocked)) }

    /// Books it, with what became of the chip where nobody has booked that before.
    ///
    /// - Returns: the event of the destruction.
    /// - Throws: ``RegistryError``.
    public func record(chip: ChipEnd) throws -> EventIdentifier {
        guard let event = try registry.record(entries(chip)).last else { throw RegistryError.inconsistent("no event") }
        return event.identifier
    }

    private func entries(_ chip: ChipEnd) throws(RegistryError) -> [ActEntry] {
        let isBooked = try registry.events(of: card.reference).contains { $0.body.act == .chipEnded(.blocked) }
        let acts: [Act] = isBooked ? [.destroyed] : [.chipEnded(chip), .destroyed]
        return acts.map { ActEntry($0, on: card.reference, handledBy: handling) }.expecting(seen)
    }
}

public import CardLayout
public import Lifecycle
public import Registry

/// What the registry is told of a card that was brought to another layout: from then on it is taken for a card of that layout.
public struct MigrationBooking: Sendable {
    private let card: CardReference
    private let target: CompiledCard
    private let entry: ActEntry

    /// The booking of a registered card; nil where the registry has it by the target already, or as one that was never made.
    ///
    /// - Throws: what the log would refuse, before the card is changed.
    public init?(
        of card: RegisteredCard, to target: CompiledCard, in registry: Registry, handledBy handling: Handling
    ) throws(RegistryError) {
        guard let facts = card.facts, !Self.isBooked(facts, target) else { return nil }
        self.card = card.reference
        self.target = target
        // the card is in the reader, and shows its own code
        let shown = Handling(by: handling.officer, second: handling.second, proofs: handling.proofs.union(.cardRead))
        entry = ActEntry(
            .migrated(layout: target.layout.name, profile: target.profile.name), on: card.reference, handledBy: shown)
        try registry.check([entry])
    }

    /// Records the migration, once: a crash between the commit and the journal's removal leaves both.
    ///
    /// - Parameter registry: the same one, which need not stay open while the card is written.
    public func book(in registry: Registry) throws(RegistryError) {
        if let facts = try registry.card(card)?.facts, Self.isBooked(facts, target) { return }
        try registry.record([entry])
    }

    private static func isBooked(_ facts: CardFacts, _ target: CompiledCard) -> Bool {
        (facts.layout, facts.profile) == (target.layout.name, target.profile.name)
    }
}

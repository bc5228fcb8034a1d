import Lifecycle
public import Registry

/// The blanks of a counter for practice: received and handed over like any others, so that a day of practice closes by what was used.
public enum TrainingStock {
    /// The first of the makers, who begins with the box in their own hands.
    private static let maker: UInt64 = 1001
    private static let keeper = Officer(number: 3001, role: .stockKeeper)

    /// Gives the first maker every card of a box that nobody has made or booked yet.
    ///
    /// - Throws: the box's and the registry's errors.
    public static func supply(_ registry: Registry, from box: CardBox) throws {
        try supply(registry, try box.cards().compactMap { try box.chip(of: $0.serial) }, to: maker)
    }

    /// The stock keeper receives blanks and hands them over to a maker of cards; nothing where no stock book is kept.
    ///
    /// - Parameter maker: who has them then; they stay with the keeper when nil.
    static func supply(_ registry: Registry, _ chips: [[UInt8]], to maker: UInt64?) throws {
        guard registry.policy.stockIsKept else { return }
        let fresh = try chips.filter { try registry.stock($0) == nil && registry.reference(onChip: $0) == nil }
        guard let blanks = ChipSerials(fresh) else { return }
        var entries = [ActEntry(.stock(.received(.blank, blanks)), handledBy: Handling(by: keeper, proofs: .paper))]
        if let maker, maker != keeper.number {
            entries.append(
                ActEntry(
                    .stock(.handedOver(.blank, blanks, from: keeper.number, to: maker)),
                    handledBy: Handling(by: keeper, second: Officer(number: maker, role: .personalizer))))
        }
        try registry.record(entries)
    }
}

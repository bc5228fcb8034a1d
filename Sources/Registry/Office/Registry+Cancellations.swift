import GRDB
public import Lifecycle

/// A cancellation that one office has reported and that nobody has made final.
public struct PendingCancellation: Hashable, Sendable {
    /// The card, which is on hold meanwhile.
    public let card: RegisteredCard
    /// The event that reported it.
    public let reported: EventIdentifier
    /// Who reported it and who signed beside them, as far as this counter's log tells: none of them makes it final.
    public let signers: Set<UInt64>
    /// When, Unix milliseconds; nil where another counter reported it.
    public let at: UInt64?
}

extension Registry {
    /// The cancellations that wait to be made final or lifted, the oldest first.
    ///
    /// - Parameter limit: no more are told.
    public func pendingCancellations(_ limit: Int) throws(RegistryError) -> [PendingCancellation] {
        let counter = counter
        return try reading { database in
            var references: [CardReference] = []
            // As the index of these cards has it: all others are many more, and not looked at.
            try database.forEachRow("SELECT reference FROM cards WHERE length(restrictions) > 0 AND end_reason IS NULL")
            { row in
                if let reference = CardReference(bytes: row.bytes(0)) { references.append(reference) }
                return true
            }
            var found: [PendingCancellation] = []
            for reference in references {
                guard let card = try CardTable.find(reference, in: database),
                    let open = card.state.openRestrictions.first(where: { $0.kind == .cancellation })
                else { continue }
                let event =
                    open.openedBy.counter == counter
                    ? try LogReader.event(open.openedBy.sequence, in: database).event : nil
                found.append(
                    PendingCancellation(
                        card: card, reported: open.openedBy,
                        signers: Set([event?.officer, event?.secondPerson].compactMap(\.self)),
                        at: event?.wallMilliseconds))
            }
            return Array(found.sorted { $0.reported < $1.reported }.prefix(limit))
        }
    }
}

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
            var waiting: [(reference: CardReference, open: Restriction)] = []
            // As the index of these cards has it: all others are many more, and not looked at. Most of these are lost, and not read whole.
            try database.forEachRow(
                "SELECT reference, restrictions FROM cards WHERE \(RegistrySchema.isRestricted)"
            ) { row in
                let restrictions = CardTable.restrictions(row.bytes(1)) ?? []
                if let open = restrictions.first(where: { $0.kind == .cancellation }),
                    let reference = CardReference(bytes: row.bytes(0))
                {
                    waiting.append((reference, open))
                }
                return true
            }
            var found: [PendingCancellation] = []
            for (reference, open) in waiting.sorted(by: { $0.open.openedBy < $1.open.openedBy }).prefix(limit) {
                guard let card = try CardTable.find(reference, in: database) else { continue }
                let event =
                    open.openedBy.counter == counter
                    ? try LogReader.event(open.openedBy.sequence, in: database).event : nil
                found.append(
                    PendingCancellation(
                        card: card, reported: open.openedBy,
                        signers: Set([event?.officer, event?.secondPerson].compactMap(\.self)),
                        at: event?.wallMilliseconds))
            }
            return found
        }
    }
}

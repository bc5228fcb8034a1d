import CardData
import GRDB
import Lifecycle

/// Brings the views up to one more event: the same code when an act is recorded and when the log is replayed.
enum RegistryViews {
    /// - Parameters:
    ///   - officer: who entered it.
    ///   - reference: the card the event names.
    ///   - found: that card as it stands before the event; nil when there is none.
    ///   - counts: takes up what changes in the count of cards, which the caller writes.
    ///   - log: where the events before this one are: the views may be made in a place without them.
    /// - Returns: the card as it stands after the event; nil when the act is about no card, or has made it.
    @discardableResult
    static func follow(
        _ event: EventIdentifier, _ act: Act, by officer: UInt64, on reference: CardReference?,
        standing found: RegisteredCard?, counts: inout CardCounts, in database: Database, log: Database
    ) throws -> RegisteredCard? {
        switch act {
        case .personRegistered(let sealed):
            try PersonTable.put(sealed, sequence: event.sequence, in: database)
        case .personLookedUp: break
        case .registryRestored(let restoration):
            for range in restoration.withheld { try NumberTable.withhold(range, in: database) }
        case .cardNumberReserved(let number, let journal):
            try NumberTable.put(number, .reserved, journal: journal, in: database)
        case .submitted(let facts):
            try ApplicationTable.put(
                Application(identifier: event, facts: facts, enteredBy: officer), sequence: event.sequence, in: database
            )
        case .application(let identifier, let step):
            guard let application = try ApplicationTable.find(identifier, in: database) else {
                throw RegistryError.damaged(sequence: event.sequence)
            }
            try ApplicationTable.put(application.following(step), sequence: event.sequence, in: database)
        case .stock(let move): try StockTable.follow(move, by: officer, sequence: event.sequence, in: database)
        case .dayClosed(let count): try StockTable.close(count, sequence: event.sequence, in: database)
        case .leaseGranted(let lease): try LeaseTable.put(lease, as: event, in: database)
        case .leaseReturned(let lease): try LeaseTable.end(lease, in: database)
        default:
            guard let reference else { throw RegistryError.damaged(sequence: event.sequence) }
            let card = try follow(event, act, card: reference, standing: found, counts: &counts, in: database)
            try StockTable.follow(
                act, by: officer, on: reference, standing: found, sequence: event.sequence, in: database, log: log)
            return card
        }
        return nil
    }

    private static func follow(
        _ event: EventIdentifier, _ act: Act, card reference: CardReference, standing found: RegisteredCard?,
        counts: inout CardCounts, in database: Database
    ) throws -> RegisteredCard? {
        let state = (found?.state ?? .beginning).following(act, as: event)
        var facts = found?.facts
        var successor = found?.successor
        var number: CardNumber?
        var blank: [UInt8] = []
        switch act {
        case .personalized(let made):
            facts = made
            number = made.number
            blank = made.blankSerial
            try NumberTable.put(made.number, .used, in: database)
        case .spoiled(let spoilage):
            number = spoilage.number
            blank = spoilage.blankSerial
            if let lost = facts?.number ?? number { try NumberTable.put(lost, .locked, in: database) }
        case .replaced(let next, _): successor = next
        case .migrated(let layout, let profile): facts = facts?.migrated(layout: layout, profile: profile)
        default: break
        }
        counts.note(state.shown.applicationStatus, before: found?.state.shown.applicationStatus)
        guard let found else {
            guard facts != nil || state.social.isEnded else { throw RegistryError.damaged(sequence: event.sequence) }
            try CardTable.insert(
                reference, facts, state, successor, event.sequence, number: number, blank: blank, in: database)
            return nil
        }
        // No later act changes what was fixed, but that it brings the card to another layout.
        let fixed = act.kind == .migrated ? FixedCard(reference, facts, row: found.fixed.row) : found.fixed
        let standing = RegisteredCard(
            fixed, state: state, successor: successor, lastSequence: event.sequence)
        try CardTable.update(standing, before: found, in: database)
        return standing
    }
}

import CardData
import Foundation
import GRDB
public import Lifecycle

/// The end of the card that a factory's card takes the place of: applied for and approved with the new one, and done when that is taken in.
public struct OrderedEnd: Hashable, Sendable {
    /// The card that ends.
    public let card: CardReference
    /// Why.
    public let reason: ReplacementReason
    /// Who took the application in, on the proofs that were shown then, and beside them who approved it.
    public let handling: Handling

    /// The act by which it ends.
    ///
    /// - Parameter successor: the card that the factory has made.
    public func entry(by successor: CardReference) -> ActEntry {
        ActEntry(.replaced(successor: successor, reason: reason), on: card, handledBy: handling)
    }
}

extension Registry {
    /// What an application to the factory ends; nil where it is for a first card, where a window makes the card, and where the old card
    /// has ended meanwhile.
    public func orderedEnd(of application: Application) throws(RegistryError) -> OrderedEnd? {
        try reading { database in
            guard let reason = application.facts.orderedReason,
                let old = try CardTable.inForce(of: application.facts.person, in: database)
            else { return nil }
            let submitted = try LogReader.event(application.identifier.sequence, in: database)
            return OrderedEnd(
                card: old.reference, reason: reason,
                handling: Handling(
                    by: Officer(number: submitted.event.officer, role: submitted.body.role),
                    second: try Self.approver(of: application.identifier, in: database),
                    proofs: submitted.body.proofs))
        }
    }

    /// Who approved an application; nil while nobody has.
    private static func approver(of application: EventIdentifier, in database: Database) throws -> Officer? {
        let approved = Act.application(application, .approved)
        guard let newest = try ApplicationTable.newestEvent(of: application, in: database) else { return nil }
        // Most are taken in as they were approved: then that is the newest of their events, and nothing is searched for.
        let last = try LogReader.event(newest, in: database)
        if last.body.act == approved { return Officer(number: last.event.officer, role: last.body.role) }
        let sql = """
            SELECT sequence FROM log WHERE \(RegistrySchema.isStep) AND kind = \(ActKind.approved.rawValue)
            AND sequence > ? AND sequence < ? AND instr(event, ?) > 0 ORDER BY sequence DESC
            """
        let rows = try Row.fetchCursor(
            database.cachedStatement(sql: sql),
            arguments: [
                Int64(clamping: application.sequence), Int64(clamping: newest), Data(application.bytes),
            ])
        while let row = try rows.next() {
            let logged = try LogReader.event(UInt64(clamping: row[0] as Int64), in: database)
            if logged.body.act == approved { return Officer(number: logged.event.officer, role: logged.body.role) }
        }
        return nil
    }
}

extension ApplicationFacts {
    /// Why the card that the person has ends when the factory's is taken in; nil where none does so.
    fileprivate var orderedReason: ReplacementReason? { way == .factory ? replacementReason : nil }
}

/// Nobody is asked when the factory's return is taken in: what the old card's end wants is asked for with the application, judged once
/// more when that is approved, and stays as it is until then.
extension Transcript {
    /// What stands against ordering a card in the place of the person's old one.
    func reasonsAgainstOrdering(
        _ facts: ApplicationFacts, handledBy handling: Handling
    ) throws -> [LifecycleRefusal.Reason] {
        guard let reason = facts.orderedReason else { return [] }
        guard let old = try CardTable.inForce(of: facts.person, in: database) else { return [.nothingToReplace] }
        return try reasonsAgainst(ending: old, for: reason, handling, isApproved: false)
    }

    /// What stands against approving it: the second person of the old card's end is who approves.
    func reasonsAgainstApproving(
        _ application: Application, handledBy approval: Handling
    ) throws -> [LifecycleRefusal.Reason] {
        guard let reason = application.facts.orderedReason,
            let old = try CardTable.inForce(of: application.facts.person, in: database)
        else { return [] }
        let taken = try submission(of: application.identifier)
        let handling = Handling(by: taken.officer, second: approval.officer, proofs: taken.proofs)
        return try reasonsAgainst(ending: old, for: reason, handling, isApproved: true)
    }

    private func reasonsAgainst(
        ending old: RegisteredCard, for reason: ReplacementReason, _ handling: Handling, isApproved: Bool
    ) throws -> [LifecycleRefusal.Reason] {
        // Days are counted for the act, whatever card will have taken the place.
        let end = Act.replaced(successor: old.reference, reason: reason)
        let today = try CardDate(atMilliseconds: wallMilliseconds)
        return old.state.reasonsAgainstReplacing(
            for: reason, handledBy: handling, isApproved: isApproved, under: policy)
            + policy.reasonsAgainst(end, on: old.facts, at: today, handledBy: handling)
    }

    /// Who took an application in, and what was shown to them.
    private func submission(of application: EventIdentifier) throws -> Handling {
        // What this transaction has written down is not in the log yet.
        if let entry = entries.first(where: { $0.event.identifier == application }) {
            let body = try entry.event.readBody()
            return Handling(by: Officer(number: entry.event.officer, role: body.role), proofs: body.proofs)
        }
        let logged = try LogReader.event(application.sequence, in: database)
        return Handling(by: Officer(number: logged.event.officer, role: logged.body.role), proofs: logged.body.proofs)
    }

    /// What an act on one card must know of the other: the loss that a replacement was ordered by is not lifted under it, and a new card
    /// is not given out while the old one, which was taken back, still answers.
    func checkOldCards(_ act: Act, on card: CardReference, standing: RegisteredCard?) throws {
        guard let standing, let person = standing.facts?.person else { return }
        switch act {
        case .released(let named): try refuse(act, reasonsAgainstLifting(named, of: standing, person))
        case .corrected(let correction):
            try refuse(act, reasonsAgainstLifting([correction.event], of: standing, person))
        case .handedOver, .givenBack:
            let old = try CardTable.find(person: person, in: database).filter {
                $0.successor == card && $0.state.social == .ended(.renewed) && $0.state.physical == .recovered
            }
            try refuse(
                act,
                old.filter { try !isChipEnded($0) }.compactMap { $0.facts.map { .oldCardNotEnded($0.number) } })
        default: return
        }
    }

    private func reasonsAgainstLifting(
        _ lifted: Set<EventIdentifier>, of card: RegisteredCard, _ person: PersonReference
    ) throws -> [LifecycleRefusal.Reason] {
        let losses = Set(card.state.restrictions.filter { $0.kind == .loss }.map(\.openedBy))
        guard !losses.isEmpty, losses.isSubset(of: lifted) else { return [] }
        return try ApplicationTable.find(person: person, in: database).filter {
            $0.facts.orderedReason == .lost && [.approved, .inProduction].contains($0.state)
        }.map { .replacementOrdered($0.identifier, $0.state) }
    }

    /// Whether the log tells what was done to the chip of a card that was taken back.
    private func isChipEnded(_ card: RegisteredCard) throws -> Bool {
        var (place, isEnded) = (card.lastSequence, false)
        for entry in entries.reversed() where entry.event.card == card.reference {
            if entry.act.kind == .chipEnded { return true }
            place = entry.event.seen
        }
        try LogReader.forEachEvent(of: card.reference, from: place, in: database) { logged in
            isEnded = logged.body.act.kind == .chipEnded
            return !isEnded
        }
        return isEnded
    }
}

import CardData
import Foundation
import GRDB
import Lifecycle

/// Judging by counts of days and of a day's acts; of leased cards see ``checkLeases(_:of:)``.
///
/// What is done to a chip is judged by counts before it is done, when it is foreseen: what stands on a chip is written down whatever
/// another window has used up meanwhile.
///
/// The day is that of the commit, in China's one time zone; a clock that goes back frees nothing, for acts of later days count too, until
/// a day has passed since in the order of the log.
extension Transcript {
    func checkCounts(
        _ act: Act, on card: CardReference, standing: RegisteredCard?, handledBy handling: Handling
    ) throws {
        try checkActsOfTheDay(act, standing: standing, handledBy: handling)
        switch act {
        // Cards from a factory have no plan of this counter's, and no number of its lease.
        case .personalized(let facts) where isForeseeing && !facts.planHash.isEmpty:
            try checkLeases(facts.number, of: facts.area)
        case .pinServed(let service, _) where isForeseeing:
            guard service != .change, try looseningsToday(upTo: policy.pinActsPerDay) >= policy.pinActsPerDay else {
                return
            }
            try refuse(act, [.pinActsUsedUp(policy.pinActsPerDay)])
        case .ranOut(let opened, _): try checkHoldIsOver(opened, act)
        case .unclaimed, .replaced, .held:
            let today = try CardDate(atMilliseconds: wallMilliseconds)
            try refuse(act, policy.reasonsAgainst(act, on: standing?.facts, at: today, handledBy: handling))
        default: return
        }
    }

    /// A hold ends by itself when its last day has passed.
    private func checkHoldIsOver(_ opened: EventIdentifier, _ act: Act) throws {
        guard opened.counter == counter,
            case .held(_, let until) = try LogReader.event(opened.sequence, in: database).body.act
        else { return }
        let today = try CardDate(atMilliseconds: wallMilliseconds)
        guard until.map({ $0 < today }) != true else { return }
        try refuse(act, [.holdStands(until: until)])
    }

    /// How many PINs were set anew or unblocked today or later, counted no further than a limit.
    ///
    /// What bears a later day was done by a clock that was ahead, or today's is behind. It counts until the log's own order shows that a
    /// day has passed since: an event behind it that bears a day before today.
    private func looseningsToday(upTo limit: Int) throws -> Int {
        let today = DayTally.day(of: wallMilliseconds)
        func isLoosening(_ act: Act) -> Bool {
            if case .pinServed(let service, _) = act { service != .change } else { false }
        }
        var count = entries.count { isLoosening($0.act) }
        var hasDayPassed = false
        // The number stands in the text, so that the index of these events is used.
        let rows = try Row.fetchCursor(
            database.cachedStatement(
                sql: "SELECT event FROM log WHERE kind = \(ActKind.pinServed.rawValue) ORDER BY sequence DESC"))
        while count < limit, let row = try rows.next() {
            guard let event = try? Event(encoded: Array(row[0] as Data)), let body = try? event.readBody() else {
                continue
            }
            // Hybrid time never falls: before an event of an earlier day there is none of today.
            if DayTally.day(of: event.hybridTime >> 16) < today { break }
            let day = DayTally.day(of: event.wallMilliseconds)
            guard isLoosening(body.act), day >= today else { continue }
            if day > today, !hasDayPassed {
                hasDayPassed = try isFollowed(event.identifier.sequence, byADayBefore: today)
            }
            if day == today || !hasDayPassed { count += 1 }
        }
        return count
    }

    /// Whether the log holds an event behind a place that bears a day before this one.
    private func isFollowed(_ sequence: UInt64, byADayBefore today: Int) throws -> Bool {
        let rows = try Row.fetchCursor(
            database.cachedStatement(sql: "SELECT event FROM log WHERE sequence > ? ORDER BY sequence"),
            arguments: [Int64(clamping: sequence)])
        while let row = try rows.next() {
            let event = try Event(encoded: Array(row[0] as Data))
            if DayTally.day(of: event.wallMilliseconds) < today { return true }
        }
        return false
    }
}

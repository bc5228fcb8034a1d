import CardData
import Foundation
import GRDB
import Lifecycle

/// Judging by counts of days, of a day's acts and of leased cards.
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
        case .personalized(let facts) where isForeseeing && !facts.planHash.isEmpty: try checkLeases(facts)
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

    /// A number that was granted to another counter may stand on a card of that one by now.
    func checkThatNobodyElseHas(_ number: CardNumber, of open: [Lease]) throws {
        guard let theirs = open.first(where: { $0.counter != counter && $0.numbers.contains(number) }) else { return }
        throw RegistryError.leaseRefused([.anotherCounter(theirs.counter)])
    }

    /// Where the counter works under leases, a card is made from one of them, and nowhere from another counter's.
    private func checkLeases(_ facts: CardFacts) throws {
        let open = try LeaseTable.open(in: database)
        try checkThatNobodyElseHas(facts.number, of: open.map(\.lease))
        let leases = open.filter { $0.lease.counter == counter }
        guard !leases.isEmpty else { return }
        let refusals = try leases.map { try reasonsAgainst(facts, under: $0.lease, grantedBy: $0.identifier) }
        guard !refusals.contains([]) else { return }
        // Of several leases the one that has the number says why.
        let own = zip(leases, refusals).first { $0.0.lease.numbers.contains(facts.number) }
        throw RegistryError.leaseRefused(own?.1 ?? refusals[0])
    }

    private func reasonsAgainst(
        _ facts: CardFacts, under lease: Lease, grantedBy grant: EventIdentifier
    ) throws -> [LeaseRefusal] {
        // By the day on which they are made: the date that is printed on a card may be another.
        try tally.follow(DayTally.day(of: wallMilliseconds), in: database)
        let here = entries.count { entry in
            if case .personalized(let made) = entry.act { lease.numbers.contains(made.number) } else { false }
        }
        return lease.reasonsAgainst(
            LeasedMaking(
                counter: counter, area: facts.area, number: facts.number, registerAgeHours: try hours(since: grant),
                madeToday: tally.made(in: lease.numbers, besides: facts.number) + here,
                madeInAll: try NumberTable.made(in: lease.numbers, besides: facts.number, in: database)))
    }

    /// How long ago the centre's word came that this event carries: while nothing else comes down, the register is as old.
    private func hours(since grant: EventIdentifier) throws -> Int {
        guard grant.counter == counter,
            let bytes = try Data.fetchOne(
                database.cachedStatement(sql: "SELECT event FROM log WHERE sequence = ?"),
                arguments: [Int64(clamping: grant.sequence)]), let event = try? Event(encoded: Array(bytes)),
            event.wallMilliseconds < wallMilliseconds
        else { return 0 }
        return Int(clamping: (wallMilliseconds - event.wallMilliseconds) / 3_600_000)
    }
}

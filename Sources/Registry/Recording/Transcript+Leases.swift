import CardData
import Foundation
import GRDB
import Lifecycle

/// Judging by the blocks of numbers that counters work under while they are cut off.
extension Transcript {
    /// A number that was granted to another counter may stand on a card of that one by now.
    func checkThatNobodyElseHas(_ number: CardNumber, of open: [Lease]) throws {
        guard let theirs = open.first(where: { $0.counter != counter && $0.numbers.contains(number) }) else { return }
        throw RegistryError.leaseRefused([.anotherCounter(theirs.counter)])
    }

    /// Where the counter works under leases, a card is made from one of them, and nowhere from another counter's.
    func checkLeases(_ number: CardNumber, of area: String) throws {
        let open = try LeaseTable.open(in: database)
        try checkThatNobodyElseHas(number, of: open.map(\.lease))
        let leases = open.filter { $0.lease.counter == counter }
        guard !leases.isEmpty else { return }
        let refusals = try leases.map {
            try reasonsAgainst(number, of: area, under: $0.lease, grantedBy: $0.identifier)
        }
        guard !refusals.contains([]) else { return }
        // Of several leases the one that has the number says why.
        let own = zip(leases, refusals).first { $0.0.lease.numbers.contains(number) }
        throw RegistryError.leaseRefused(own?.1 ?? refusals[0])
    }

    private func reasonsAgainst(
        _ number: CardNumber, of area: String, under lease: Lease, grantedBy grant: EventIdentifier
    ) throws -> [LeaseRefusal] {
        // By the day on which they are made: the date that is printed on a card may be another.
        try tally.follow(DayTally.day(of: wallMilliseconds), in: database)
        let here = entries.count { entry in
            if case .personalized(let made) = entry.act { lease.numbers.contains(made.number) } else { false }
        }
        return lease.reasonsAgainst(
            LeasedMaking(
                counter: counter, area: area, number: number, registerAgeHours: try hours(since: grant),
                madeToday: tally.made(in: lease.numbers, besides: number) + here,
                madeInAll: try NumberTable.made(in: lease.numbers, besides: number, in: database)))
    }

    /// How long ago the centre's word came that this event carries: while nothing else comes down, the register is as old.
    ///
    /// A clock that goes back makes no register young: where the log knows a later time than now's, or the grant bears one, what the clock went
    /// forward since the grant is added up. The way out of a time that was wrong is a new grant.
    private func hours(since grant: EventIdentifier) throws -> Int {
        guard grant.counter == counter, let granted = try wallTime(at: grant.sequence) else { return 0 }
        if granted <= wallMilliseconds, latestMilliseconds <= wallMilliseconds {
            return Self.hours(wallMilliseconds - granted)
        }
        var passed: UInt64 = 0
        var last = granted
        func pass(to moment: UInt64) {
            if moment > last { passed += moment - last }
            last = moment
        }
        let rows = try Row.fetchCursor(
            database.cachedStatement(sql: "SELECT event FROM log WHERE sequence > ? ORDER BY sequence"),
            arguments: [Int64(clamping: grant.sequence)])
        while let row = try rows.next() {
            if let event = try? Event(encoded: Array(row[0] as Data)) { pass(to: event.wallMilliseconds) }
        }
        pass(to: wallMilliseconds)
        return Self.hours(passed)
    }

    private static func hours(_ milliseconds: UInt64) -> Int { Int(clamping: milliseconds / 3_600_000) }

    /// When an event was written by its own clock; nil for one that is not in the log yet.
    private func wallTime(at sequence: UInt64) throws -> UInt64? {
        let bytes = try Data.fetchOne(
            database.cachedStatement(sql: "SELECT event FROM log WHERE sequence = ?"),
            arguments: [Int64(clamping: sequence)])
        return bytes.flatMap { try? Event(encoded: Array($0)) }?.wallMilliseconds
    }
}

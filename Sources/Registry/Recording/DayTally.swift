import CardData
import Foundation
import GRDB
import Lifecycle
import Synchronization

/// What each officer has done today of what a policy limits by the day, and which cards were made, as the log tells it.
///
/// The log is read once for a day and then only what is new in it, so a restart forgets nothing and a look-up reads one event. What bears
/// a later day was done by a clock that was ahead, or today's is behind: it counts until the log's own order shows that a day has
/// passed since.
final class DayTally: Sendable {
    private struct Work: Hashable {
        let officer: UInt64
        let act: LimitedAct
    }

    private struct Counts {
        var lookedAt: [UInt64: Set<PersonReference>] = [:]
        var acts: [Work: Int] = [:]
        /// The numbers of the cards that were made.
        var made: Set<CardNumber> = []
    }

    private struct State {
        var day: Int?
        var last: UInt64 = 0
        var today = Counts()
        /// Of events with a later day, since the last one with an earlier.
        var later = Counts()
    }

    private let state = Mutex(State())

    /// The day of a moment in China's one time zone, counted from 1970.
    static func day(of milliseconds: UInt64) -> Int {
        Int(clamping: (milliseconds / 1000 + UInt64(CardDate.chinaOffset)) / 86_400)
    }

    /// Takes in what the log has got since; everything of the day when it is another than before.
    func follow(_ day: Int, in database: Database) throws {
        try state.withLock { state in
            do {
                try Self.follow(day, in: database, &state)
            } catch {
                // What was counted in part is counted anew.
                state = State()
                throw error
            }
        }
    }

    private static func follow(_ day: Int, in database: Database, _ state: inout State) throws {
        if state.day != day {
            state = State(day: day, last: try first(of: day, in: database) - 1)
        }
        // Asked at every act that is limited.
        let head = try database.first("SELECT max(sequence) FROM log") { UInt64(clamping: $0.integer(0)) } ?? 0
        guard head > state.last else { return }
        // The kinds stand in the text; the place in the log is the table's own key.
        let kinds = (LimitedAct.kinds + [.personLookedUp, .personalized]).map { String($0.rawValue) }.joined(
            separator: ",")
        let rows = try Row.fetchCursor(
            database.cachedStatement(
                sql: "SELECT event FROM log WHERE sequence > ? AND kind IN (\(kinds)) ORDER BY sequence"),
            arguments: [Int64(clamping: state.last)])
        while let row = try rows.next() {
            guard let event = try? Event(encoded: Array(row[0] as Data)), let body = try? event.readBody() else {
                continue
            }
            let bears = self.day(of: event.wallMilliseconds)
            if bears < day {
                state.later = Counts()
            } else if bears == day {
                add(body.act, by: event.officer, to: &state.today)
            } else {
                add(body.act, by: event.officer, to: &state.later)
            }
        }
        // What lies between is of other kinds, and is passed over once.
        state.last = head
    }

    /// Forgets everything, where the log may have become another.
    func forget() { state.withLock { $0 = State() } }

    /// Whether an officer has looked at a person today.
    func hasLooked(_ officer: UInt64, at person: PersonReference) -> Bool {
        state.withLock { state in
            [state.today, state.later].contains { $0.lookedAt[officer]?.contains(person) == true }
        }
    }

    /// How many persons an officer has looked at today, each of them once.
    ///
    /// - Parameter day: the day that is meant; nothing is known of another than the one that was followed.
    func personsLookedAt(by officer: UInt64, on day: Int) -> Int {
        state.withLock { state in
            guard state.day == day else { return 0 }
            let today = state.today.lookedAt[officer] ?? []
            return today.count + (state.later.lookedAt[officer]?.count { !today.contains($0) } ?? 0)
        }
    }

    /// How many such acts an officer has done today.
    func count(_ act: LimitedAct, by officer: UInt64) -> Int {
        let work = Work(officer: officer, act: act)
        return state.withLock { ($0.today.acts[work] ?? 0) + ($0.later.acts[work] ?? 0) }
    }

    /// How many cards were made today with numbers of a range.
    ///
    /// - Parameter number: one that does not count.
    func made(in range: CardNumberRange, besides number: CardNumber) -> Int {
        state.withLock { $0.today.made.union($0.later.made).count { range.contains($0) && $0 != number } }
    }

    private static func add(_ act: Act, by officer: UInt64, to counts: inout Counts) {
        if case .personLookedUp(let person, _, _) = act {
            counts.lookedAt[officer, default: []].insert(person)
        } else if case .personalized(let facts) = act {
            counts.made.insert(facts.number)
        } else if let limited = LimitedAct(act) {
            counts.acts[Work(officer: officer, act: limited), default: 0] += 1
        }
    }

    /// The first place in the log that can be of this day or later: hybrid time never falls, so it is searched for by halves.
    ///
    /// Behind an event of a clock that was ahead everything can: then two days that have passed since, in the order of the log, are far
    /// enough back, and it is not gone through to that event every morning.
    static func first(of day: Int, in database: Database) throws -> UInt64 {
        let low = try firstByHybridTime(of: day, in: database)
        guard let event = try event(at: low, in: database), self.day(of: event.wallMilliseconds) > day else {
            return low
        }
        let rows = try Row.fetchCursor(
            database.cachedStatement(
                sql: "SELECT sequence, event FROM log WHERE sequence > ? ORDER BY sequence DESC"),
            arguments: [Int64(clamping: low)])
        while let row = try rows.next() {
            if let event = try? Event(encoded: Array(row[1] as Data)), self.day(of: event.wallMilliseconds) + 2 <= day {
                return UInt64(bitPattern: row[0] as Int64) + 1
            }
        }
        return low
    }

    private static func event(at place: UInt64, in database: Database) throws -> Event? {
        let bytes = try Data.fetchOne(
            database.cachedStatement(sql: "SELECT event FROM log WHERE sequence = ?"),
            arguments: [Int64(clamping: place)])
        return bytes.flatMap { try? Event(encoded: Array($0)) }
    }

    private static func firstByHybridTime(of day: Int, in database: Database) throws -> UInt64 {
        var low: Int64 = 1
        var high = (try Int64.fetchOne(database, sql: "SELECT max(sequence) FROM log") ?? 0) + 1
        while low < high {
            let middle = low + (high - low) / 2
            let event = try event(at: UInt64(clamping: middle), in: database)
            if let event, self.day(of: event.hybridTime >> 16) >= day { high = middle } else { low = middle + 1 }
        }
        return UInt64(clamping: low)
    }
}

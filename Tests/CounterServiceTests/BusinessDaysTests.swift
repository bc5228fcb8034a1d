import CardData
import Lifecycle
import Registry
import Testing

@testable import CounterService

/// Whose acts are of which business day.
@Suite struct BusinessDaysTests {
    private func event(_ sequence: UInt64, _ officer: UInt64, _ time: String) throws -> Event {
        Event(
            identifier: EventIdentifier(counter: 1, sequence: sequence), previous: .none, epochSeen: 0, hybridTime: 0,
            wallMilliseconds: try #require(Moment.milliseconds(time)), clockErrorMilliseconds: 0, officer: officer,
            secondPerson: 0, card: nil, seen: 0, kind: 0, slip: 0, body: [])
    }

    @Test func whatFollowsAnOfficersCountIsTheNextDays() throws {
        let closings = [
            DayClosing(day: 20_261_127, owner: 1, sequence: 10), DayClosing(day: 20_261_128, owner: 2, sequence: 20),
        ]
        let days = BusinessDays(closings, of: 20_261_128, worked: [20_261_127])
        #expect(days.firstCarried == 20_261_127)
        let expected: [(UInt64, UInt64, String, Bool)] = [
            (9, 1, "2026-11-27T17:00", false), (10, 1, "2026-11-27T17:10", false),
            // Behind the count of the 27th, by who had counted and by who had not.
            (11, 1, "2026-11-27T17:20", true), (12, 3, "2026-11-27T17:30", false),
            (13, 1, "2026-11-28T09:00", true), (19, 2, "2026-11-28T17:00", true),
            (20, 2, "2026-11-28T17:10", true), (21, 2, "2026-11-28T17:20", false),
            (22, 3, "2026-11-28T17:30", true), (23, 1, "2026-11-29T09:00", false),
        ]
        for (sequence, officer, time, isOfDay) in expected {
            #expect(days.contains(try event(sequence, officer, time)) == isOfDay, "event \(sequence)")
        }
        let next = BusinessDays(closings, of: 20_261_129, worked: [20_261_127, 20_261_128])
        #expect(next.contains(try event(21, 2, "2026-11-28T17:20")))
        #expect(!next.contains(try event(11, 1, "2026-11-27T17:20")), "the 28th has told it, closed or not")
    }

    /// After a Sunday on which nobody worked, Monday tells what followed Saturday's count, and Tuesday does not tell it again.
    @Test func whatFollowedACountIsToldOnceOnTheNextDayOfWork() throws {
        let closings = [DayClosing(day: 20_261_128, owner: 1, sequence: 10)]
        let late = try event(11, 1, "2026-11-28T17:20")
        let told = [20_261_129, 20_261_130, 20_261_201, 20_261_202].map { (day: UInt32) in
            let worked: Set<UInt32> = [20_261_128, 20_261_130, 20_261_201]
            return BusinessDays(closings, of: day, worked: worked.filter { $0 < day }).contains(late)
        }
        #expect(told == [true, true, false, false], "Sunday itself, should it be asked for, has it as Monday does")
    }
}

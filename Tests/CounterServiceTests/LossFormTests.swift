import CardData
import Foundation
import Lifecycle
import Testing

@testable import CounterService

/// What a report of a loss says, as its form tells it.
@Suite struct LossFormTests {
    private func report(_ values: [String: String], isFormal: Bool = false) throws -> LossReport {
        try LossForm.report(Fields(values: values), by: .holder, isFormal: isFormal)
    }

    @Test func whatIsLeftOutIsThisCardAtTheCounter() throws {
        #expect(try report([:]) == LossReport(channel: .counter, reporter: .holder))
        #expect(
            try report(["subject": "person", "channel": "telephone"])
                == LossReport(channel: .telephone, reporter: .holder, subject: .person))
    }

    @Test func aMomentIsReadByTheMachinesCalendarAndADayThatIsNoneIsTold() throws {
        let since = try #require(try report(["lostSince": "2026-11-28T17:29"]).lostSince)
        #expect(Moment.text(since) == "2026-11-28 17:29:00")
        for text in ["2026-02-30T10:00", "2026-11-28", "yesterday", "2026-11-28T25:00", "1960-01-01T00:00"] {
            #expect(throws: Faults("counter.lost-since", ["value": text])) { try report(["lostSince": text]) }
        }
    }

    @Test func everyFaultIsToldAtOnceAndALossForGoodComesInPerson() throws {
        let fields = ["subject": "purse", "channel": "telephone", "lostSince": "x"]
        let faults = try #require(throws: Faults.self) { try report(fields, isFormal: true) }
        #expect(
            faults.faults.map(\.code.rawValue) == [
                "counter.choice", "counter.formal-by-telephone", "counter.lost-since",
            ])
    }
}

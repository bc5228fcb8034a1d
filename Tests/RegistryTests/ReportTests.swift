import CardData
import Lifecycle
import Testing

@testable import Registry

/// What reports are made of: stretches of the log by its own clock, and the cards that wait.
@Suite struct ReportTests {
    @Test func aStretchOfTimeHasItsOwnEventsAndNoOthers() throws {
        let office = Office()
        let registry = try office.open()
        let card = try registry.issueCard(1, for: try Office.person(11))
        try registry.record(.temporaryLoss(Office.loss), on: card, handledBy: Office.teller)
        let all = try registry.log(limit: 1000)
        let times = all.map(\.event.wallMilliseconds)
        let (first, last) = (try #require(times.dropFirst(1).first), try #require(times.last))
        #expect(try registry.events(from: first, to: last).map(\.bytes) == all.dropFirst(1).dropLast().map(\.bytes))
        #expect(try registry.events(from: 0, to: .max).map(\.bytes) == all.map(\.bytes))
        #expect(try registry.events(from: last + 1, to: .max).isEmpty)
    }

    /// The clock was set back by a day in the midst of the log.
    @Test func aClockThatWentBackHidesNoEvent() throws {
        let office = Office()
        let registry = try office.open()
        let card = try registry.issueCard(1, for: try Office.person(11))
        let before = try registry.log(limit: 1000)
        office.turnClockBack()
        try registry.record(.temporaryLoss(Office.loss), on: card, handledBy: Office.teller)
        let start = try #require(before.first?.event.wallMilliseconds)
        #expect(try registry.events(from: start, to: .max).map(\.bytes) == before.map(\.bytes))
    }

    @Test func cardsThatNobodyCollectedAreCountedByTheirDayOfIssue() throws {
        let office = Office()
        let registry = try office.open()
        let waiting = try registry.makeCard(1, for: try Office.person(11))
        try registry.issueCard(2, for: try Office.person(12))
        let found = try registry.uncollectedCards(10)
        #expect(found.count == 1 && found.oldest.map(\.reference) == [waiting])
        #expect(found.byIssueDate.map(\.issued.text) == ["20251009"])
        try registry.record(.handedOver, on: waiting, handledBy: Office.teller)
        #expect(try registry.uncollectedCards(10).count == 0)
    }
}

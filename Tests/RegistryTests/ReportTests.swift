import CardData
import Lifecycle
import Testing

@testable import Registry

/// What reports are made of: stretches of the log by its own clock, and the cards that wait.
@Suite struct ReportTests {
    /// The events of a stretch in the order of the log.
    private func events(
        _ registry: Registry, from start: UInt64, to end: UInt64, upTo last: UInt64 = .max, of kind: ActKind? = nil
    ) throws -> [[UInt8]] {
        var found: [[UInt8]] = []
        try registry.forEachEvent(from: start, to: end, upTo: last, of: kind) { logged, _ in
            found.append(logged.bytes)
            return true
        }
        return found.reversed()
    }

    @Test func aStretchOfTimeHasItsOwnEventsAndNoOthers() throws {
        let office = Office()
        let registry = try office.open()
        let card = try registry.issueCard(1, for: try Office.person(11))
        try registry.record(.temporaryLoss(Office.loss), on: card, handledBy: Office.teller)
        let all = try registry.log(limit: 1000)
        let times = all.map(\.event.wallMilliseconds)
        let (first, last) = (try #require(times.dropFirst(1).first), try #require(times.last))
        #expect(try events(registry, from: first, to: last) == all.dropFirst(1).dropLast().map(\.bytes))
        #expect(try events(registry, from: 0, to: .max) == all.map(\.bytes))
        #expect(try events(registry, from: last + 1, to: .max).isEmpty)
        #expect(try events(registry, from: 0, to: .max, upTo: 2) == all.prefix(2).map(\.bytes))
        let losses = all.filter { $0.body.act.kind == .temporaryLoss }.map(\.bytes)
        #expect(try events(registry, from: 0, to: .max, of: .temporaryLoss) == losses)
        let person = try registry.reference(of: Office.person(11).number)
        var persons: [PersonReference?] = []
        try registry.forEachEvent(from: 0, to: .max) { logged, person in
            persons.append(person)
            return logged.body.act.kind != .personalized
        }
        #expect(persons.count == 4 && persons.allSatisfy { $0 == person }, "down to the making, and no further")
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
        #expect(try events(registry, from: start, to: .max) == before.map(\.bytes))
    }

    /// A machine whose battery is empty begins in another year; what was recorded then hides nothing that was before.
    @Test func aClockThatWentFarBackHidesNoEvent() throws {
        let office = Office()
        let registry = try office.open()
        office.passDays(400)
        let card = try registry.issueCard(1, for: try Office.person(11))
        let before = try registry.log(limit: 1000)
        office.setDay(0)
        try registry.record(.temporaryLoss(Office.loss), on: card, handledBy: Office.teller)
        let start = try #require(before.first?.event.wallMilliseconds)
        #expect(try events(registry, from: start, to: .max) == before.map(\.bytes))
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

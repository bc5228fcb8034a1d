import CardData
import Lifecycle
import Testing

@testable import Registry

/// What has changed on record behind a place in the log.
@Suite struct ChangesTests {
    @Test func eachCardAndApplicationIsToldOnceByItsNewestEvent() throws {
        let registry = try Office().open()
        let first = try registry.issueCard(1, for: try Office.person(1))
        let place = try registry.newestPlace()
        let second = try registry.issueCard(2, for: try Office.person(2))
        let loss = try registry.record(.temporaryLoss(Office.loss), on: first, handledBy: Office.teller)
        let third = try registry.register(try Office.person(3), handledBy: Office.teller)
        let facts = ApplicationFacts(person: third, kind: .first, way: .instant, channel: .counter)
        let application = try registry.record(.submitted(facts), handledBy: Office.teller).identifier
        let supervisor = Handling(by: Officer(number: 1003, role: .supervisor))
        let approved = try registry.record(.application(application, .approved), handledBy: supervisor)
        let (one, two) = (try #require(try registry.card(first)), try #require(try registry.card(second)))
        let found = try registry.changes(after: place)
        #expect(
            found.changes == [
                RecordChange(.card(try #require(two.facts?.number)), event: two.lastSequence),
                RecordChange(.card(try #require(one.facts?.number)), event: loss.identifier.sequence),
                RecordChange(.application(application), event: approved.identifier.sequence),
            ])
        #expect(found.start == place && found.head == approved.identifier.sequence)
        #expect(try registry.changes(after: found.head).changes.isEmpty)
    }

    @Test func aLongStretchIsNotReadAndSaysFromWhereItIs() throws {
        let registry = try Office().open()
        let card = try registry.issueCard(1, for: try Office.person(1))
        let person = try #require(try registry.card(card)?.facts?.person)
        let looks = Array(
            repeating: ActEntry(
                .personLookedUp(person, purpose: .inquiry, found: true), on: nil, handledBy: Office.teller),
            count: 4096)
        try registry.record(looks)
        let found = try registry.changes(after: 1)
        #expect(found.changes.isEmpty)
        #expect(found.start == found.head - 4096)
    }
}

import CardData
import Foundation
import GRDB
import Lifecycle
import Testing

@testable import Registry

/// Applications, stock, leases and corrections in the log and its views.
@Suite struct OfficeTests {
    private static let keeper = Handling(
        by: Officer(number: 3001, role: .stockKeeper), second: Officer(number: 1003, role: .supervisor),
        proofs: Office.everyProof)
    private static let supervisor = Handling(
        by: Officer(number: 1003, role: .supervisor), second: Officer(number: 1004, role: .supervisor),
        proofs: Office.everyProof)
    private static let upperTier = Handling(
        by: Officer(number: 9001, role: .upperTier), second: Officer(number: 9002, role: .upperTier),
        proofs: Office.everyProof)

    @Test func anApplicationGoesFromHandInToCollection() throws {
        let office = Office()
        let registry = try office.open()
        let person = try registry.register(try Office.person(11), handledBy: Office.teller)
        let facts = ApplicationFacts(person: person, kind: .first, way: .instant, channel: .counter)
        let name = try registry.record(.submitted(facts), handledBy: Office.teller).identifier
        #expect(try registry.applications(in: .submitted).map(\.identifier) == [name])
        #expect(throws: RegistryError.self) {
            try registry.record(.application(name, .productionBegun), handledBy: Office.personalizer)
        }
        try registry.record(.application(name, .approved), handledBy: Self.supervisor)
        try registry.record(.application(name, .productionBegun), handledBy: Office.personalizer)
        let mark = try #require(ReturnMark(bytes: [UInt8](repeating: 0xC3, count: 32)))
        let why = FailureNote("照片不清")
        try registry.record(.application(name, .productionFailed(mark, why: why)), handledBy: Office.personalizer)
        let other = try #require(ReturnMark(bytes: [UInt8](repeating: 0x3C, count: 32)))
        #expect(try registry.applications(sentBackBy: mark) == [name])
        #expect(try registry.applications(sentBackBy: other) == [])
        try registry.record(.application(name, .productionBegun), handledBy: Office.personalizer)
        let card = try Office.card(1)
        try registry.record(.application(name, .ready(card)), handledBy: Office.personalizer)
        try registry.record(.application(name, .collected()), handledBy: Office.teller)
        let application = try #require(try registry.application(name))
        #expect(application.state == .collected)
        #expect(application.card == card)
        let history = try registry.events(ofApplication: name)
        #expect(
            history.map(\.body.act.kind) == [
                .submitted, .approved, .productionBegun, .productionFailed, .productionBegun, .ready, .collected,
            ])
        #expect(history.contains { $0.body.act == .application(name, .productionFailed(mark, why: why)) })
        #expect(try registry.events(ofApplication: EventIdentifier(counter: 7, sequence: 1)).isEmpty)
        // What came after does not make it forgotten.
        #expect(try registry.applications(sentBackBy: mark) == [name])
        #expect(try registry.applications(of: person) == [application])
        let unknown = EventIdentifier(counter: 7, sequence: 999)
        #expect(throws: RegistryError.applicationUnknown(unknown)) {
            try registry.record(.application(unknown, .approved), handledBy: Self.supervisor)
        }
        let before = try registry.canonicalDumpHash()
        #expect(try registry.rebuild() == before)
        #expect(try registry.verify().isGood)
    }

    @Test func theFirstPageCountsWhatIsOpenAndWhose() throws {
        let office = Office()
        let registry = try office.open()
        let other = Handling(
            by: Officer(number: 1002, role: .teller), second: Officer(number: 1003, role: .supervisor),
            proofs: Office.everyProof)
        var names: [EventIdentifier] = []
        for (serial, handling) in [
            (11, Office.teller), (13, Office.teller), (15, Office.teller), (17, other), (19, other),
        ] {
            let person = try registry.register(try Office.person(serial), handledBy: Office.teller)
            let facts = ApplicationFacts(person: person, kind: .first, way: .instant, channel: .counter)
            names.append(try registry.record(.submitted(facts), handledBy: handling).identifier)
        }
        try registry.record(.application(names[0], .approved), handledBy: Self.supervisor)
        try registry.record(.application(names[1], .rejected(.photo)), handledBy: Self.supervisor)
        let tellers = try registry.deskNumbers(of: 1001)
        #expect(tellers.applications.filter { $0.value > 0 } == [.submitted: 3, .approved: 1])
        #expect(tellers.mine == 2, "the rejected one is final")
        #expect(tellers.toApprove == 2, "not the one that the officer entered")
        #expect(tellers.unsent == (try registry.statistics().unsent), "the same number")
        #expect(tellers.head == 12)
        #expect(try Office().open().deskNumbers(of: 1001).unsent == 0)
        let supervisors = try registry.deskNumbers(of: 1003)
        #expect(supervisors.mine == 0)
        #expect(supervisors.toApprove == 3)
    }

    @Test func aLeaseIsOpenUntilItIsReturned() throws {
        let office = Office()
        let registry = try office.open()
        let lease = try #require(
            Lease(
                counter: 7, area: "990101", numbers: try CardNumberRange(letter: "D", first: 0, last: 199),
                terms: LeaseTerms(registerHours: 24, cardsPerDay: 30, cards: 200)))
        let name = try registry.record(.leaseGranted(lease), handledBy: Self.upperTier).identifier
        #expect(try registry.openLeases() == [OpenLease(identifier: name, lease: lease)])
        try registry.record(.leaseReturned(name), handledBy: Self.upperTier)
        #expect(try registry.openLeases().isEmpty)
        #expect(throws: RegistryError.leaseUnknown(name)) {
            try registry.record(.leaseReturned(name), handledBy: Self.upperTier)
        }
    }

    @Test func aCorrectionUndoesTheNamedActOnceAndNoOther() throws {
        let office = Office()
        let registry = try office.open()
        let card = try registry.issueCard(1, for: try Office.person(11))
        let loss = try registry.record(.formalLoss(Office.loss), on: card, handledBy: Office.teller).identifier
        func correct(_ event: EventIdentifier, _ kind: ActKind) throws {
            try registry.record(
                .corrected(Correction(of: event, kind: kind, reason: .wrongCard)), on: card, handledBy: Self.supervisor)
        }
        #expect(throws: RegistryError.eventUnknown(loss)) { try correct(loss, .held) }
        try correct(loss, .formalLoss)
        #expect(try registry.card(card)?.state.shown == .normal)
        #expect(throws: RegistryError.self) { try correct(loss, .formalLoss) }
        #expect(try registry.events(of: card).count == 5, "nothing was edited")
    }

    @Test func aCancellationIsAHoldUntilTheUpperTierConfirmsIt() throws {
        let office = Office()
        let registry = try office.open()
        let card = try registry.issueCard(1, for: try Office.person(11))
        let cancelled = try registry.record(.cancelled(.death), on: card, handledBy: Office.teller).identifier
        #expect(try registry.card(card)?.state.shown == .hold)
        #expect(throws: RegistryError.self, "a counter does not confirm") {
            try registry.record(.cancellationConfirmed(cancelled), on: card, handledBy: Office.teller)
        }
        try registry.record(.cancellationConfirmed(cancelled), on: card, handledBy: Self.upperTier)
        #expect(try registry.card(card)?.state.social == .ended(.cancelled))
        try registry.record(.recovered(.handedIn), on: card, handledBy: Office.teller)
        try registry.record(.destroyed, on: card, handledBy: Self.keeper)
        #expect(try registry.card(card)?.state.physical == .destroyed)
    }

    /// The views of an older program are made again from the log, which stays as it was.
    @Test func anOlderSchemaIsBroughtUpToDateWithTheLogUntouched() throws {
        let office = Office()
        var registry: Registry? = try office.open()
        try registry?.issueCard(1, for: try Office.person(11))
        let hash = try registry?.canonicalDumpHash()
        let log = try registry?.log().map(\.bytes)
        try registry?.pool.writeWithoutTransaction { database in
            try database.execute(
                sql: Office.rowsInOutbox() + """
                    DROP TABLE applications; DROP TABLE stock; DROP TABLE leases; DROP TABLE days; PRAGMA user_version = 1
                    """)
        }
        registry = nil
        let reopened = try office.open()
        #expect(try reopened.canonicalDumpHash() == hash)
        #expect(try reopened.log().map(\.bytes) == log)
        #expect(try reopened.verify().isGood)
    }

    /// What had been sent before stays sent, what had not waits still; with everything sent only what comes waits.
    @Test(arguments: [0, 2, 5]) func anOutboxOfRowsBecomesAMark(sent: Int) throws {
        let office = Office()
        var registry: Registry? = try office.open()
        try registry?.issueCard(1, for: try Office.person(11))
        let hash = try registry?.canonicalDumpHash()
        let log = try registry?.log()
        try #require(log?.count == 5)
        try registry?.pool.writeWithoutTransaction {
            try $0.execute(sql: Office.rowsInOutbox(after: sent) + "PRAGMA user_version = 5")
        }
        registry = nil
        let reopened = try office.open()
        #expect(try reopened.canonicalDumpHash() == hash)
        #expect(try reopened.log().map(\.bytes) == log?.map(\.bytes))
        #expect(try reopened.statistics().unsent == 5 - sent)
        let desk = try reopened.deskNumbers(of: 1001)
        #expect(desk.unsent == 5 - sent)
        #expect(desk.oldestUnsent == log?.dropFirst(sent).first?.event.wallMilliseconds)
        try reopened.record(.temporaryLoss(Office.loss), on: Office.card(1), handledBy: Office.teller)
        #expect(try reopened.statistics().unsent == 6 - sent)
        let waiting = try reopened.reading {
            try Int.fetchAll($0, sql: "SELECT sequence FROM outbox ORDER BY sequence")
        }
        #expect(waiting == Array(sent + 1...6))
    }

    /// Nobody approves what they have added to, so it waits for others; and what a factory could not make is counted until it is made.
    @Test func whatOneHasAddedToWaitsForOthers() throws {
        let registry = try Office().open()
        func apply(_ serial: Int, _ way: ApplicationFacts.Way) throws -> EventIdentifier {
            let person = try registry.register(try Office.person(serial), handledBy: Office.teller)
            let facts = ApplicationFacts(person: person, kind: .first, way: way, channel: .counter)
            return try registry.record(.submitted(facts), handledBy: Office.teller).identifier
        }
        let (first, second) = (try apply(11, .instant), try apply(13, .instant))
        func supplement(_ name: EventIdentifier, by officer: UInt64) throws {
            try registry.record(.application(name, .supplementAsked()), handledBy: Self.supervisor)
            let handling = Handling(by: Officer(number: officer, role: .teller), proofs: Office.everyProof)
            try registry.record(.application(name, .supplemented), handledBy: handling)
        }
        try supplement(first, by: 1005)
        try supplement(first, by: 1006)
        try supplement(second, by: 1006)
        let waiting = try [1001, 1003, 1005, 1006].map { try registry.deskNumbers(of: $0).toApprove }
        #expect(waiting == [0, 2, 1, 0])
        let ordered = try apply(15, .factory)
        try registry.record(.application(ordered, .approved), handledBy: Self.supervisor)
        #expect(try registry.deskNumbers(of: 1001).failed == 0)
        try registry.record(.application(ordered, .productionBegun), handledBy: Office.personalizer)
        try registry.record(.application(ordered, .productionFailed()), handledBy: Office.personalizer)
        #expect(try registry.deskNumbers(of: 1001).failed == 1)
        try registry.record(.application(ordered, .productionBegun), handledBy: Office.personalizer)
        #expect(try registry.deskNumbers(of: 1001).failed == 0)
    }
}

import CardData
import Dispatch
import GRDB
import Lifecycle
import Synchronization
import Testing

@testable import Registry

/// Several windows' requests in one transaction, and what older programs left in the file for every act to pay.
@Suite struct SharedCommitTests {
    private static let corrector = Handling(
        by: Officer(number: 1003, role: .supervisor), second: Officer(number: 1004, role: .supervisor),
        proofs: Office.everyProof)

    /// One of three fails after it has written: the transaction is taken back, and the other two are done all the same.
    @Test func aRequestThatFailsHalfwayTakesNobodyElsesWithItAndLeavesNothing() throws {
        let office = Office()
        defer { withExtendedLifetime(office) {} }
        let registry = try office.open()
        let cards = try (1...3).map { try registry.issueCard(UInt32($0), for: Office.person(10 + $0)) }
        let before = try registry.statistics().events
        let report = Act.temporaryLoss(LossReport(channel: .counter, reporter: .holder))
        let unknown = EventIdentifier(counter: 7, sequence: 999)
        let answers = Mutex<[Int: Result<[RecordedEvent], RegistryError>]>([:])
        let done = DispatchSemaphore(value: 0)
        // All three stand in the line before anybody can commit.
        registry.writer.exclusively {
            for (place, acts) in [
                [ActEntry(report, on: cards[0], handledBy: Office.teller)],
                [
                    ActEntry(report, on: cards[1], handledBy: Office.teller),
                    ActEntry(.released([unknown]), on: cards[1], handledBy: Office.teller),
                ],
                [ActEntry(report, on: cards[2], handledBy: Office.teller)],
            ].enumerated() {
                registry.writer.submit(
                    LogWriter.Request { transcript in
                        for act in acts { try transcript.add(act.act, on: act.card, handledBy: act.handling) }
                    } answer: { answer in
                        answers.withLock { $0[place] = answer }
                        done.signal()
                    })
            }
        }
        for _ in 0..<3 { done.wait() }
        let found = answers.withLock { $0 }
        #expect(try found[0]?.get().count == 1)
        #expect(throws: RegistryError.self) { try found[1]?.get() }
        #expect(try found[2]?.get().count == 1)
        #expect(try registry.statistics().events == before + 2)
        let restricted = try cards.map { try registry.card($0)?.state.restrictions.isEmpty == false }
        #expect(restricted == [true, false, true])
        let signed = try registry.log(from: UInt64(before) + 1).map { $0.event.signature != .coveredByLaterHead }
        #expect(signed == [false, true], "one commit, signed once")
        let seen = try #require(try registry.card(cards[1])?.lastSequence)
        try registry.record([ActEntry(report, on: cards[1], handledBy: Office.teller, expecting: seen)])
        #expect(try registry.verify().isGood)
        let hash = try registry.canonicalDumpHash()
        #expect(try registry.rebuild() == hash)
    }

    /// As SQLite does by itself when the disk fails it: the whole commit is gone, and nothing of it is written after that.
    @Test func aTransactionThatIsTakenBackUnderARequestLeavesNothingOfTheOthers() throws {
        struct Stop: Error {}
        let office = Office()
        defer { withExtendedLifetime(office) {} }
        let registry = try office.open()
        let card = try registry.issueCard(1, for: Office.person(11))
        let before = try registry.statistics().events
        let answers = Mutex<[Bool]>([])
        let done = DispatchSemaphore(value: 0)
        registry.writer.exclusively {
            for isBroken in [false, true, false] {
                registry.writer.submit(
                    LogWriter.Request { transcript in
                        if isBroken {
                            try transcript.database.execute(sql: "ROLLBACK")
                            throw Stop()
                        }
                        try transcript.add(
                            .temporaryLoss(LossReport(channel: .counter, reporter: .holder)), on: card,
                            handledBy: Office.teller)
                    } answer: { answer in
                        answers.withLock { $0.append((try? answer.get()) != nil) }
                        done.signal()
                    })
            }
        }
        for _ in 0..<3 { done.wait() }
        #expect(answers.withLock { $0 } == [false, false, false])
        #expect(try registry.statistics().events == before)
        let seen = try #require(try registry.card(card)?.lastSequence)
        try registry.record([
            ActEntry(.temporaryLoss(Office.loss), on: card, handledBy: Office.teller, expecting: seen)
        ])
        #expect(try registry.verify().isGood)
    }

    /// A commit takes no more than a thousand; who came later is in the next.
    @Test func aCrowdSharesMoreThanOneCommitAndEverybodyIsAnswered() throws {
        let office = Office()
        defer { withExtendedLifetime(office) {} }
        let registry = try office.open()
        let person = try registry.reference(of: Office.person(11).number)
        let answered = Mutex<[UInt64]>([])
        let done = DispatchSemaphore(value: 0)
        registry.writer.exclusively {
            for _ in 0..<1001 {
                registry.writer.submit(
                    LogWriter.Request {
                        try $0.add(
                            .personLookedUp(person, purpose: .audit, found: false), on: nil, handledBy: Office.teller)
                    } answer: { answer in
                        answered.withLock { $0 += ((try? answer.get()) ?? []).map(\.identifier.sequence) }
                        done.signal()
                    })
            }
        }
        for _ in 0..<1001 { done.wait() }
        #expect(answered.withLock { $0 } == Array(1...1001))
        let signed = try registry.log(limit: 2000).filter { $0.event.signature != .coveredByLaterHead }
        #expect(signed.map(\.event.identifier.sequence) == [1000, 1001])
    }

    /// What the writer remembers of a card is its row as it stands: not what was only foreseen, nor what was mended since.
    @Test func aCardIsJudgedByItsRowWhateverWasForeseenOrMended() throws {
        let office = Office()
        var registry: Registry? = try office.open()
        let card = try #require(try registry?.issueCard(1, for: Office.person(11)))
        let seen = try #require(try registry?.card(card)?.lastSequence)
        let report = ActEntry(.temporaryLoss(Office.loss), on: card, handledBy: Office.teller, expecting: seen)
        try registry?.check([report])
        try registry?.check([report])
        let loss = try #require(try registry?.record([report]).first)
        #expect(throws: RegistryError.cardChanged(card)) { try registry?.record([report]) }
        try registry?.pool.write { try $0.execute(sql: "UPDATE card_states SET restrictions = x''") }
        registry = nil
        let again = try office.open()
        let release = ActEntry(.released([loss.identifier]), on: card, handledBy: Office.teller)
        #expect(throws: RegistryError.self, "the row says that nothing is to be released") {
            try again.check([release])
        }
        try again.rebuild()
        try again.record([release])
        #expect(try again.verify().isGood)
    }

    /// An act that another of the same commit corrects is in no log yet.
    @Test func anActIsCorrectedInTheCommitThatRecordsIt() throws {
        let office = Office()
        defer { withExtendedLifetime(office) {} }
        let registry = try office.open()
        let card = try registry.issueCard(1, for: Office.person(11))
        let loss = EventIdentifier(counter: 7, sequence: UInt64(try registry.statistics().events) + 1)
        let undone = Act.corrected(Correction(of: loss, kind: .temporaryLoss, reason: .wrongCard))
        let acts = [
            ActEntry(
                .temporaryLoss(LossReport(channel: .counter, reporter: .holder)), on: card, handledBy: Office.teller),
            ActEntry(undone, on: card, handledBy: Self.corrector),
        ]
        #expect(try registry.record(acts).map(\.identifier.sequence) == [loss.sequence, loss.sequence + 1])
        #expect(try registry.card(card)?.state.restrictions.isEmpty == true)
        #expect(throws: RegistryError.eventUnknown(loss)) {
            try registry.record(undone, on: card, handledBy: Self.corrector)
        }
        #expect(try registry.events(of: card).map(\.body.act.kind).suffix(2) == [.temporaryLoss, .corrected])
    }

    @Test func triggersAndTheIndexOfAnOlderFileGoAndTheCountStaysRight() throws {
        let office = Office()
        var registry: Registry? = try office.open()
        let card = try #require(try registry?.issueCard(1, for: Office.person(11)))
        try registry?.close()
        registry = nil
        try DatabaseQueue(path: office.path + "/registry.sqlite").write {
            try $0.execute(
                sql: Office.rowsInOutbox() + DividedCardsTests.asBefore + """
                    CREATE INDEX log_card ON log (card, sequence) WHERE card IS NOT NULL;
                    CREATE TRIGGER card_counted AFTER INSERT ON cards BEGIN
                        INSERT INTO card_counts (status, count) VALUES (new.status, 1)
                        ON CONFLICT (status) DO UPDATE SET count = count + 1;
                    END;
                    CREATE TRIGGER card_counted_again AFTER UPDATE OF status ON cards WHEN new.status <> old.status BEGIN
                        UPDATE card_counts SET count = count - 1 WHERE status = old.status;
                        INSERT INTO card_counts (status, count) VALUES (new.status, 1)
                        ON CONFLICT (status) DO UPDATE SET count = count + 1;
                    END;
                    PRAGMA user_version = 4;
                    """)
        }
        let opened = try office.open()
        let left = try opened.pool.read {
            try String.fetchAll(
                $0, sql: "SELECT name FROM sqlite_master WHERE type = 'trigger' OR name = 'log_card'")
        }
        #expect(left.isEmpty)
        try opened.record(
            .temporaryLoss(LossReport(channel: .counter, reporter: .holder)), on: card, handledBy: Office.teller)
        let counts = try opened.pool.read {
            try Int.fetchAll($0, sql: "SELECT sum(count) FROM card_counts UNION ALL SELECT count(*) FROM cards")
        }
        #expect(counts == [1, 1])
        let hash = try opened.canonicalDumpHash()
        #expect(try opened.rebuild() == hash)
    }

    /// The way from a card's newest event to its first goes by what each says it follows.
    @Test func aCardsHistoryThatLeadsToAnotherCardsEventIsDamaged() throws {
        let office = Office()
        defer { withExtendedLifetime(office) {} }
        let registry = try office.open()
        let first = try registry.issueCard(1, for: Office.person(11))
        let second = try registry.issueCard(2, for: Office.person(12))
        let loss = try registry.record(
            .temporaryLoss(LossReport(channel: .counter, reporter: .holder)), on: first, handledBy: Office.teller)
        let kinds = try registry.events(of: first).map(\.body.act.kind)
        #expect(kinds.first == .personalized && kinds.last == .temporaryLoss)
        #expect(try registry.making(of: first)?.reference == first)
        #expect(try registry.events(of: Office.card(9)).isEmpty)
        try registry.pool.write {
            try $0.execute(
                sql: "UPDATE log SET event = (SELECT event FROM log WHERE card = ? LIMIT 1) WHERE sequence = ?",
                arguments: [second.data, Int64(loss.identifier.sequence)])
        }
        #expect(throws: RegistryError.damaged(sequence: loss.identifier.sequence)) { try registry.events(of: first) }
    }
}

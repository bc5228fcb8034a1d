import CardData
import Foundation
import GRDB
import Lifecycle
import Synchronization
import Testing

@testable import Registry

/// What windows and timers ask for goes through no whole table: a city's log has millions of events.
@Suite struct QueryPlanTests {
    private static let supervisor = Handling(by: Officer(number: 1003, role: .supervisor))

    /// The statements that a look at a registry runs, as SQLite is told them.
    private func statements(_ registry: Registry, _ look: () throws -> Void) throws -> Set<String> {
        let told = Mutex<Set<String>>([])
        // One reader after the other: it is the same connection.
        try registry.reading { database in
            database.trace { event in
                if case .statement(let statement) = event { told.withLock { _ = $0.insert(statement.expandedSQL) } }
            }
        }
        try look()
        try registry.reading { $0.trace(options: []) }
        return told.withLock { $0 }.filter { $0.hasPrefix("SELECT") }
    }

    /// The whole tables that SQLite would go through for a statement; a partial index is none.
    private func wholes(of sql: String, in registry: Registry) throws -> [String] {
        let small = ["log_pin", "log_restored", "log_deliveries", "log_steps", "cards_sealed", "cards_restricted"]
        return try registry.reading { database in
            try Row.fetchAll(database, sql: "EXPLAIN QUERY PLAN " + sql).map { $0["detail"] as String }
        }.filter { detail in
            detail.hasPrefix("MATERIALIZE")
                || detail.hasPrefix("SCAN")
                    && ["log", "card_", "applications"].contains { detail.hasPrefix("SCAN \($0)") }
                    && !small.contains { detail.hasSuffix("INDEX \($0)") }
        }
    }

    /// An office with an application of each kind of way, a card, a delivery and a loss.
    private func site() throws -> (registry: Registry, application: EventIdentifier, batch: Application) {
        let registry = try Office().open(site: "version: test-1\nupper-tier: counter")
        let person = try registry.register(try Office.person(11), handledBy: Office.teller)
        let facts = ApplicationFacts(person: person, kind: .first, way: .instant, channel: .counter)
        let name = try registry.record(.submitted(facts), handledBy: Office.teller).identifier
        try registry.record(.application(name, .approved), handledBy: Self.supervisor)
        let card = try registry.issueCard(1, for: try Office.person(11))
        try registry.record(.temporaryLoss(Office.loss), on: card, handledBy: Office.teller)
        let order = ApplicationFacts(
            person: person, kind: .renewal, way: .factory, channel: .counter, batch: "B-1", renewal: .damaged)
        let ordered = try registry.record(.submitted(order), handledBy: Office.teller).identifier
        try registry.record(.application(ordered, .approved), handledBy: Self.supervisor)
        try registry.record(.application(ordered, .productionBegun), handledBy: Office.personalizer)
        return (registry, name, try #require(try registry.application(ordered)))
    }

    @Test func nothingThatIsAskedForOftenGoesThroughAWholeTable() throws {
        let (registry, name, ordered) = try site()
        let now = try registry.deskNumbers(of: 0).latestTime + 1
        let mark = try #require(ReturnMark(bytes: Array(repeating: 1, count: 32)))
        let hash = try registry.log(limit: 2).map { try EventHash(of: $0.bytes) }
        #expect(try registry.event(hashed: hash[0].bytes)?.sequence == 1)
        let asked = try statements(registry) {
            _ = try registry.uncollectedCards(10)
            _ = try registry.events(ofApplication: name)
            _ = try registry.event(hashed: hash[1].bytes)
            _ = try registry.batches(in: .submitted)
            _ = try registry.batch("B-1", in: .inProduction, showing: 10)
            _ = try registry.applications(of: "B-1", in: .inProduction, limit: 10)
            _ = try registry.applications(sentBackBy: mark)
            #expect(try registry.orderedEnd(of: ordered)?.handling.second?.number == 1003)
            _ = try registry.holdsOver(at: now, most: 10)
            _ = try registry.endWhatIsOver(at: now)
            _ = try registry.restorations()
            _ = try registry.foundCardCount()
            _ = try registry.foundCards(10)
            _ = try registry.changes(after: 0)
            try registry.forEachEvent(from: 0, to: .max, of: .stockReceived) { _, _ in true }
        }
        // As many as there are looks, at the least: else nothing was listened to.
        #expect(asked.count >= 15)
        for sql in asked {
            // The end of the log is read from its end, until a row says enough.
            guard !sql.hasSuffix("FROM log ORDER BY sequence DESC") else { continue }
            #expect(try wholes(of: sql, in: registry) == [], "\(sql)")
        }
    }

    /// The first page costs what waits, and not what was ever supplemented or sent back.
    @Test func theFirstPageDrivesFromWhatWaits() throws {
        let (registry, _, _) = try site()
        let joins = try statements(registry) { _ = try registry.deskNumbers(of: 1001) }.filter { $0.contains("JOIN") }
        #expect(joins.count == 2)
        for sql in joins {
            let plan = try registry.reading { try Row.fetchAll($0, sql: "EXPLAIN QUERY PLAN " + sql) }
            #expect((plan.first?["detail"] as String?)?.hasPrefix("SEARCH applications") == true, "\(sql)")
        }
    }

    /// Of the many cards that are lost or stopped none is read whole for the few that wait to be cancelled.
    @Test func onlyTheCancellationsThatAreToldAreReadWhole() throws {
        let registry = try Office().open()
        for serial in [11, 13, 15, 17] {
            let card = try registry.makeCard(UInt32(serial), for: try Office.person(serial))
            let act: Act = serial == 11 ? .temporaryLoss(Office.loss) : .cancelled(.death)
            try registry.record(act, on: card, handledBy: Office.teller)
        }
        let waiting = try [13, 15, 17].map { try Office.card($0) }
        let asked = try statements(registry) {
            let first = try registry.pendingCancellations(1).map(\.card.reference)
            #expect(first == [waiting[0]])
        }
        #expect(asked.count { $0.contains("USING (card) WHERE reference = ") } == 1)
        let all = try registry.pendingCancellations(9).map(\.card.reference)
        #expect(all == waiting)
    }

    /// What an act changes of a card is one small row, of which nothing is read but what the index of restricted cards asks; only an
    /// enabling or an end touches what was fixed.
    @Test func anActWritesOneSmallRow() throws {
        let registry = try Office().open()
        let card = try registry.makeCard(11, for: try Office.person(11))
        let told = Mutex<[String]>([])
        registry.pool.writeWithoutTransaction { database in
            database.trace { event in
                if case .statement(let statement) = event { told.withLock { $0.append(statement.sql) } }
            }
        }
        func updates(_ act: Act) throws -> [String] {
            told.withLock { $0 = [] }
            try registry.record(act, on: card, handledBy: Office.teller)
            return told.withLock { $0 }.filter { $0.hasPrefix("UPDATE card_") }
        }
        let states = try updates(.handedOver)
        #expect(states.count == 1 && states[0].hasPrefix("UPDATE card_states SET physical = ?, "))
        let values: StatementArguments = ["", Data(), "", 0, nil, 0, 0]
        let read = try registry.reading { try Row.fetchAll($0, sql: "EXPLAIN " + states[0], arguments: values) }
            .filter { $0["opcode"] as String == "Column" }.map { $0["p2"] as Int }
        let status = 4
        #expect(Set(read) == [status])
        #expect(try updates(.enabled) == ["UPDATE card_facts SET social = ? WHERE card = ?"] + states)
        #expect(try updates(.temporaryLoss(Office.loss)) == states)
        #expect(try registry.card(card)?.state.isRestricted(by: .temporaryLoss) == true)
    }

    /// The test of the tests: what has no index is found.
    @Test func aWholeTableIsSeen() throws {
        let (registry, _, _) = try site()
        let scan = "SELECT sequence FROM log WHERE instr(event, x'00') > 0"
        #expect(try wholes(of: scan, in: registry) != [])
        #expect(try wholes(of: "SELECT count(*) FROM cards WHERE physical = 'missing'", in: registry) != [])
        #expect(try wholes(of: "SELECT reference FROM cards WHERE length(restrictions) > 0", in: registry) != [])
    }

    @Test func anEventIsFoundByItsHashWhereverItStands() throws {
        let registry = try Office().open()
        #expect(try registry.event(hashed: Array(repeating: 0, count: 32)) == nil, "an empty log")
        try registry.issueCard(1, for: try Office.person(11))
        func check() throws {
            for logged in try registry.log(limit: 1000) {
                #expect(try registry.event(hashed: EventHash(of: logged.bytes).bytes) == logged.event.identifier)
            }
        }
        try check()
        // What came since is found too, and what is no event's is not.
        try registry.issueCard(2, for: try Office.person(13))
        try check()
        var near = try #require(try registry.log(limit: 1).first.map { try EventHash(of: $0.bytes).bytes })
        near[31] ^= 1
        #expect(try registry.event(hashed: near) == nil)
        #expect(try registry.event(hashed: Array(repeating: 0, count: 32)) == nil, "what the first event carries")
        #expect(try registry.event(hashed: [1, 2, 3]) == nil)
    }

    /// What every act writes makes no table of its own, as SQLite does for a list in an index's condition.
    @Test func noActMakesATableOfItsOwn() throws {
        let (registry, _, _) = try site()
        func makesTables(_ sql: String) throws -> Bool {
            try registry.reading { try Row.fetchAll($0, sql: "EXPLAIN " + sql) }
                .contains { ($0["opcode"] as String).hasPrefix("OpenEphemeral") }
        }
        #expect(try !makesTables("INSERT INTO log (sequence, kind, card, event) VALUES (0, 0, NULL, x'')"))
        let columns = "physical = '', restrictions = x'', bank = '', status = 0, successor = NULL, last_sequence = 0"
        #expect(try !makesTables("UPDATE card_states SET \(columns) WHERE card = 1"))
        // The test of the test.
        #expect(try makesTables("SELECT 1 FROM log WHERE sequence + 0 IN (1, 2, 3)"))
    }

    /// A registry of 10, whose index of steps named each kind, gets the one of now.
    @Test func theIndexOfStepsIsReplaced() throws {
        let office = Office()
        var registry: Registry? = try office.open()
        try registry?.pool.writeWithoutTransaction { database in
            try database.execute(
                sql: DividedCardsTests.asBefore + """
                    DROP INDEX log_steps; PRAGMA user_version = 10;
                    CREATE INDEX log_steps ON log (kind, sequence) WHERE kind IN (2050, 2051, 2052)
                    """)
        }
        registry = nil
        let made = try office.open().reading { database in
            try String.fetchOne(database, sql: "SELECT sql FROM sqlite_master WHERE name = 'log_steps'")
        }
        #expect(made?.hasSuffix("WHERE kind >= 2050 AND kind <= 2303") == true)
    }

    /// A registry of the step before gets the indexes, and its log and views stay.
    @Test func aRegistryOfBeforeIsBroughtUpToDate() throws {
        let office = Office()
        var registry: Registry? = try office.open()
        try registry?.issueCard(1, for: try Office.person(11))
        let hash = try registry?.canonicalDumpHash()
        try registry?.pool.writeWithoutTransaction { database in
            try database.execute(
                sql: DividedCardsTests.asBefore + """
                    DROP INDEX log_steps; DROP INDEX log_deliveries; DROP INDEX cards_sealed; DROP INDEX cards_expiry;
                    DROP INDEX cards_restricted; DROP INDEX applications_batches;
                    CREATE INDEX log_approvals ON log (sequence) WHERE kind = 2052; PRAGMA user_version = 9
                    """)
        }
        registry = nil
        let reopened = try office.open()
        #expect(try reopened.canonicalDumpHash() == hash)
        let names = try reopened.reading { database in
            try String.fetchSet(database, sql: "SELECT name FROM sqlite_master WHERE type = 'index'")
        }
        #expect(
            names.isSuperset(of: ["log_steps", "log_deliveries", "cards_sealed", "cards_expiry", "cards_restricted"]))
        #expect(!names.contains("log_approvals"))
    }
}

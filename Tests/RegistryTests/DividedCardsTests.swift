import GRDB
import Lifecycle
import Testing

@testable import Registry

/// Until schema 12 a card was one row; its log and what it says stay when the row is divided.
@Suite struct DividedCardsTests {
    /// Brings the tables of cards into the form of 12.
    static let asBefore = """
        CREATE TABLE whole (
            reference BLOB PRIMARY KEY NOT NULL, number TEXT UNIQUE, person BLOB, layout TEXT, profile TEXT, area TEXT, issued TEXT,
            expires TEXT, plan BLOB, blank BLOB, physical TEXT NOT NULL, social INTEGER NOT NULL, end_reason INTEGER,
            restrictions BLOB NOT NULL, bank TEXT NOT NULL, status INTEGER NOT NULL, successor BLOB, last_sequence INTEGER NOT NULL
        ) STRICT;
        INSERT INTO whole SELECT * FROM cards;
        DROP VIEW cards; DROP TABLE card_facts; DROP TABLE card_states;
        ALTER TABLE whole RENAME TO cards;
        CREATE INDEX cards_person ON cards (person) WHERE person IS NOT NULL;
        CREATE UNIQUE INDEX one_card_each ON cards (person) WHERE person IS NOT NULL AND social < 2;
        CREATE INDEX cards_blank ON cards (blank) WHERE blank IS NOT NULL;
        CREATE INDEX cards_sealed ON cards (issued) WHERE person IS NOT NULL AND social = 0;
        CREATE INDEX cards_expiry ON cards (expires) WHERE end_reason IS NULL;
        CREATE INDEX cards_restricted ON cards (reference) WHERE length(restrictions) > 0 AND end_reason IS NULL;
        """

    /// Cards in many states: lost, brought to another layout, ended with its loss and its successor, spoiled before it had facts.
    private func site() throws -> (office: Office, lost: CardReference, hash: [UInt8]) {
        let office = Office()
        let registry = try office.open()
        let lost = try registry.issueCard(1, for: try Office.person(11))
        let old = try registry.issueCard(2, for: try Office.person(13))
        let moved = try registry.issueCard(3, for: try Office.person(15))
        try registry.record(.temporaryLoss(Office.loss), on: lost, handledBy: Office.teller)
        try registry.record(.formalLoss(Office.loss), on: old, handledBy: Office.teller)
        let number = try registry.reserveCardNumber(for: "journal-4", handledBy: Office.personalizer)
        let new = try Office.card(4)
        let person = try registry.reference(of: try Office.person(13).number)
        try registry.record([
            ActEntry(.replaced(successor: new, reason: .lost), on: old, handledBy: Office.teller),
            ActEntry(
                .personalized(try Office.facts(number, person)), on: new, handledBy: Office.personalizer),
        ])
        try registry.record(
            .migrated(layout: "area-2.0", profile: "fmcos-ssse-area"), on: moved,
            handledBy: Handling(by: Office.personalizer.officer, proofs: Office.everyProof))
        try registry.record(
            .spoiled(Spoilage(.printingFailed, number: nil, blankSerial: [2])), on: try Office.card(5),
            handledBy: Office.personalizer)
        #expect(try registry.statistics().cards == [0: 1, 1: 1, 4: 1, 9: 2])
        return (office, lost, try registry.canonicalDumpHash())
    }

    private func change(_ office: Office, _ sql: String) throws {
        let file = try DatabaseQueue(path: office.path + "/registry.sqlite")
        try file.writeWithoutTransaction { try $0.execute(sql: sql) }
        try file.close()
    }

    @Test(arguments: [12, 10, 8, 5])
    func aRegistryOfBeforeSaysTheSame(schema: Int) throws {
        let (office, lost, hash) = try site()
        let outbox = schema == 5 ? Office.rowsInOutbox() : ""
        let book = schema == 8 ? "ALTER TABLE stock DROP COLUMN terminal;" : ""
        try change(office, Self.asBefore + outbox + book + "PRAGMA user_version = \(schema)")
        do {
            let registry = try office.open()
            #expect(try registry.canonicalDumpHash() == hash)
            #expect(try registry.verify().isGood)
            let card = try #require(try registry.card(lost))
            let loss = try #require(card.state.openRestrictions.first).openedBy
            try registry.record(.released([loss]), on: lost, handledBy: Office.teller)
            #expect(try registry.card(lost)?.state.restrictions == [])
            #expect(try registry.verify().isGood)
        }
        let names = try office.open().reading {
            try String.fetchSet(
                $0, sql: "SELECT name FROM sqlite_master WHERE tbl_name IN ('card_facts', 'card_states')")
        }
        #expect(names.isSuperset(of: ["cards_person", "one_card_each", "cards_restricted", "cards_expiry"]))
    }

    @Test func aRegistryOfBeforeIsMadeAgainFromItsLog() throws {
        let (office, _, hash) = try site()
        try change(office, Self.asBefore + "PRAGMA user_version = 12")
        let registry = try office.open()
        #expect(try registry.rebuild() == hash)
        #expect(try registry.rebuild() == hash)
    }

    /// What stands in one of the tables alone no view shows; it would be in the way of the next card.
    @Test(arguments: [
        """
        INSERT INTO card_facts (reference, number, person, blank, social)
        SELECT x'00112233445566778899AABBCCDDEEFF', 'D00099999', x'01', x'02', 0
        """,
        "INSERT INTO card_states SELECT 99, physical, restrictions, bank, status, successor, 1 FROM card_states LIMIT 1",
    ])
    func aRowWithoutItsOtherIsFound(insertion: String) throws {
        let (office, _, hash) = try site()
        let registry = try office.open()
        try registry.pool.write { try $0.execute(sql: insertion) }
        #expect(try registry.canonicalDumpHash() == hash)
        #expect(try registry.verify().problem == .viewsDiffer)
        #expect(try registry.rebuild() == hash)
        #expect(try registry.verify().isGood)
    }

    /// The two rows of a card are found missing each by itself.
    @Test(arguments: ["card_facts", "card_states"])
    func aRowThatIsGoneIsFoundAndMadeAgain(table: String) throws {
        let (office, lost, hash) = try site()
        let registry = try office.open()
        try registry.pool.write {
            try $0.execute(sql: "DELETE FROM \(table) WHERE card = (SELECT min(card) FROM \(table))")
        }
        #expect(try registry.verify().problem == .viewsDiffer)
        #expect(try registry.rebuild() == hash)
        #expect(try registry.card(lost) != nil)
    }
}

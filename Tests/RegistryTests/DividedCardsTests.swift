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
        CREATE INDEX cards_restricted ON cards (reference) WHERE length(restrictions) > 0 AND end_reason IS NULL;
        """

    /// Cards in many states: lost, ended with its loss, spoiled before it had facts.
    private func site() throws -> (office: Office, lost: CardReference, hash: [UInt8]) {
        let office = Office()
        let registry = try office.open()
        let lost = try registry.issueCard(1, for: try Office.person(11))
        try registry.issueCard(2, for: try Office.person(13))
        try registry.record(.temporaryLoss(Office.loss), on: lost, handledBy: Office.teller)
        return (office, lost, try registry.canonicalDumpHash())
    }

    private func change(_ office: Office, _ sql: String) throws {
        let file = try DatabaseQueue(path: office.path + "/registry.sqlite")
        try file.writeWithoutTransaction { try $0.execute(sql: sql) }
        try file.close()
    }

    @Test(arguments: [12, 10, 5])
    func aRegistryOfBeforeSaysTheSame(schema: Int) throws {
        let (office, lost, hash) = try site()
        let outbox = schema == 5 ? Office.rowsInOutbox() : ""
        try change(office, Self.asBefore + outbox + "PRAGMA user_version = \(schema)")
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

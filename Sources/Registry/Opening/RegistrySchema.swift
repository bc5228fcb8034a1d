import GRDB
import Lifecycle

/// The tables: the log, which is the truth, and the views of it, which can be made again at any time.
enum RegistrySchema {
    /// The number of the tables as they are here.
    ///
    /// 1: cards, persons, numbers. 2: also applications, stock and leases. 3: also the count of cards by status,
    /// and beside the views an index of names. 4: an index of names that tells less (``NameIndex``), and one of
    /// open applications by officer; the views are those of 3. 5: cards that come back into the
    /// office are in the stock book; indexes of cards by chip and of events about PINs; no triggers, and no index of
    /// the log by cards. 6: what has been sent upward is a mark in the log, in place of a row for each event that has not; the views are
    /// those of 5. 7: indexes of events that added to applications and of restorations; the views are those of 5. 8: why a card is renewed
    /// stands with its application; a card that a correction brings back is in the book of who had given it away, and one on its way in its
    /// sender's; indexes of approvals and batches. 9: the terminal that a PSAM is built into stands in the stock book; the views are those of 8,
    /// for nothing could be built in before. 10: indexes of deliveries, of the steps of applications, of batches with their newest event,
    /// and of the cards that are sealed, restricted or expire; the views are those of 9. 11: what no bank has told of a card is unknown, and not
    /// "not activated"; the index of steps asks less of each act. 12: the log may tell that a card was brought to another layout,
    /// which an older program cannot read; the views are those of 11, for nobody had told it before. 13: what an act changes of a
    /// card stands in a table beside what was fixed when it was made; the views are those of 11.
    static let version = 13
    /// The number since which the views say what they say here.
    private static let viewsVersion = 11
    /// The number since which the views are brought up to date where they are, and not made again.
    private static let kept = 8

    /// Makes the tables, or brings those of an older program up to date: the log is never touched, the views are made again
    /// from it.
    static func prepare(_ pool: DatabasePool) throws {
        try pool.write { database in
            let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
            guard found <= version else { throw RegistryError.newerSchema(found) }
            guard found < version else { return }
            if found == 0 {
                try createLog(database)
                try createViewTables(database)
            } else {
                if found < kept { try remakeViews(database) }
                if found < 6 { try markWhatWasSent(database) }
                if found == kept {
                    try database.execute(sql: "ALTER TABLE stock ADD COLUMN terminal TEXT NOT NULL DEFAULT ''")
                }
                try divideCards(database)
                if found < viewsVersion {
                    try database.execute(sql: "UPDATE card_states SET bank = 'unknown' WHERE bank = 'not-activated'")
                }
            }
            try dropWhatActsPaidFor(database)
            try dropReplacedIndexes(database)
            try createViewIndexes(database)
            try database.execute(sql: "PRAGMA user_version = \(version)")
        }
    }

    /// What every act had to write besides: the triggers of 3 and 4 kept the count of cards, an index of the log said which events are
    /// about a card, which each of them says itself (``LogReader/forEachEvent(of:in:body:)``).
    private static func dropWhatActsPaidFor(_ database: Database) throws {
        try database.execute(
            sql: """
                DROP TRIGGER IF EXISTS card_counted; DROP TRIGGER IF EXISTS card_counted_again;
                DROP INDEX IF EXISTS log_card
                """)
    }

    /// Until 9 supplements and approvals had indexes of their own, and batches one without what orders them; until 10 the index of steps
    /// named each kind.
    private static func dropReplacedIndexes(_ database: Database) throws {
        try database.execute(
            sql: """
                DROP INDEX IF EXISTS log_supplements; DROP INDEX IF EXISTS log_approvals;
                DROP INDEX IF EXISTS applications_batch; DROP INDEX IF EXISTS log_steps
                """)
    }

    /// Until 12 a card was one row, all of which SQLite took apart and put together again at each act.
    private static func divideCards(_ database: Database) throws {
        guard try isTable("cards", in: database) else { return }
        try database.execute(sql: "ALTER TABLE cards RENAME TO cards_before")
        try createCardTables(database)
        try database.execute(
            sql: """
                INSERT INTO card_facts SELECT rowid, reference, number, person, layout, profile, area, issued, expires, plan, blank,
                    social, end_reason FROM cards_before;
                INSERT INTO card_states SELECT rowid, physical, restrictions, bank, status, successor, last_sequence
                    FROM cards_before;
                """)
        try drop(["cards_before"], from: database)
    }

    private static func isTable(_ name: String, in database: Database) throws -> Bool {
        try String.fetchOne(database, sql: "SELECT type FROM sqlite_master WHERE name = ?", arguments: [name])
            == "table"
    }

    /// Whether an older program made the tables, whose views are other ones than those of now.
    static func isOlder(_ database: Database) throws -> Bool {
        let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        return (1..<viewsVersion).contains(found)
    }

    /// Until 5 the outbox held a row for each event that had not been sent.
    private static func markWhatWasSent(_ database: Database) throws {
        let sent =
            try Int64.fetchOne(database, sql: "SELECT min(sequence) - 1 FROM outbox")
            ?? Int64.fetchOne(database, sql: "SELECT max(sequence) FROM log") ?? 0
        try drop(["outbox"], from: database)
        try createOutbox(database, sent: sent)
    }

    /// Drops tables of what stands in the log as well, without wiping it: that would write every page once more.
    private static func drop(_ tables: [String], from database: Database) throws {
        let wipes = try Int.fetchOne(database, sql: "PRAGMA secure_delete") ?? 0
        try database.execute(sql: "PRAGMA secure_delete = OFF")
        for table in tables { try database.execute(sql: "DROP TABLE IF EXISTS \(table)") }
        try database.execute(sql: "PRAGMA secure_delete = \(wipes)")
    }

    /// Drops every view, whatever program made it, and follows the log from its beginning.
    static func remakeViews(_ database: Database) throws {
        let isOneTable = try isTable("cards", in: database)
        if !isOneTable { try database.execute(sql: "DROP VIEW IF EXISTS cards") }
        let others = views.map(\.table).filter { $0 != "cards" }
        try drop(others + (isOneTable ? ["cards"] : ["card_facts", "card_states"]), from: database)
        try createViewTables(database)
        try LogReader.replay(database, into: database)
        // Sorted once instead of searched for every row: following the log goes by primary keys alone.
        try createViewIndexes(database)
    }

    /// What is not made from anything else.
    private static func createLog(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE owner (only INTEGER PRIMARY KEY CHECK (only = 1), counter BLOB NOT NULL) STRICT;
                CREATE TABLE log (
                    sequence INTEGER PRIMARY KEY,
                    kind INTEGER NOT NULL,
                    card BLOB,
                    event BLOB NOT NULL
                ) STRICT;
                """)
        try createOutbox(database, sent: 0)
    }

    /// The events that have not been sent upward: those behind a mark, for they are sent in their order.
    ///
    /// So an event is in the outbox with the row that holds it, and recording it writes nothing besides.
    private static func createOutbox(_ database: Database, sent: Int64) throws {
        try database.execute(
            sql: """
                CREATE TABLE sent (only INTEGER PRIMARY KEY CHECK (only = 1), sequence INTEGER NOT NULL) STRICT;
                CREATE VIEW outbox AS SELECT sequence FROM log WHERE sequence > (SELECT sequence FROM sent);
                """)
        try database.execute(sql: "INSERT INTO sent (only, sequence) VALUES (1, ?)", arguments: [sent])
    }

    /// Tables with columns in the order in which ``CanonicalDump`` reads them, and all that following the log needs.
    static func createViewTables(_ database: Database) throws {
        try createCardTables(database)
        try database.execute(
            sql: """
                CREATE TABLE card_counts (status INTEGER PRIMARY KEY, count INTEGER NOT NULL) STRICT;
                CREATE TABLE persons (
                    person BLOB PRIMARY KEY NOT NULL,
                    number BLOB NOT NULL,
                    name BLOB NOT NULL,
                    details BLOB NOT NULL,
                    sealed_at INTEGER NOT NULL
                ) STRICT;
                CREATE TABLE numbers (
                    number TEXT PRIMARY KEY NOT NULL,
                    state INTEGER NOT NULL,
                    journal TEXT UNIQUE
                ) STRICT;
                CREATE TABLE applications (
                    identifier BLOB PRIMARY KEY NOT NULL,
                    person BLOB NOT NULL,
                    kind INTEGER NOT NULL,
                    way INTEGER NOT NULL,
                    channel INTEGER NOT NULL,
                    batch TEXT NOT NULL,
                    entered_by INTEGER NOT NULL,
                    state TEXT NOT NULL,
                    card BLOB,
                    last_sequence INTEGER NOT NULL,
                    renewal INTEGER
                ) STRICT;
                CREATE TABLE stock (
                    serial BLOB PRIMARY KEY NOT NULL,
                    kind INTEGER NOT NULL,
                    owner INTEGER NOT NULL,
                    last_sequence INTEGER NOT NULL,
                    terminal TEXT NOT NULL DEFAULT ''
                ) STRICT;
                CREATE TABLE leases (
                    identifier BLOB PRIMARY KEY NOT NULL,
                    counter INTEGER NOT NULL,
                    area TEXT NOT NULL,
                    letter TEXT NOT NULL,
                    first INTEGER NOT NULL,
                    last INTEGER NOT NULL,
                    register_hours INTEGER NOT NULL,
                    cards_per_day INTEGER NOT NULL,
                    cards INTEGER NOT NULL,
                    returned INTEGER NOT NULL
                ) STRICT;
                CREATE TABLE days (
                    day INTEGER NOT NULL,
                    owner INTEGER NOT NULL,
                    sequence INTEGER NOT NULL,
                    PRIMARY KEY (day, owner)
                ) STRICT;
                """)
    }

    /// A card in two rows of one number: what was fixed when it was made, with what changes once or twice and has an index; and what acts
    /// change, all of it small and written whole.
    ///
    /// The columns of `cards` have the order of the one table before, for ``CanonicalDump`` reads them so, and its hash stands in backups.
    private static func createCardTables(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE card_facts (
                    card INTEGER PRIMARY KEY,
                    reference BLOB UNIQUE NOT NULL,
                    number TEXT UNIQUE,
                    person BLOB,
                    layout TEXT, profile TEXT, area TEXT, issued TEXT, expires TEXT, plan BLOB, blank BLOB,
                    social INTEGER NOT NULL,
                    end_reason INTEGER
                ) STRICT;
                CREATE TABLE card_states (
                    card INTEGER PRIMARY KEY,
                    physical TEXT NOT NULL,
                    restrictions BLOB NOT NULL,
                    bank TEXT NOT NULL,
                    status INTEGER NOT NULL,
                    successor BLOB,
                    last_sequence INTEGER NOT NULL
                ) STRICT;
                CREATE VIEW cards AS
                    SELECT reference, number, person, layout, profile, area, issued, expires, plan, blank, physical, social,
                        end_reason, restrictions, bank, status, successor, last_sequence
                    FROM card_facts JOIN card_states USING (card);
                """)
    }

    /// The cards that are not ended and have a restriction, as a query must name them so that their index is used.
    static let isRestricted: String = {
        let states: [ShownState] = [.loss, .hold, .temporaryLoss, .pinLock]
        return Set(states.map(\.applicationStatus)).sorted().map { "status = \($0)" }.joined(separator: " OR ")
    }()

    /// The steps of applications, as a query must name them so that the index of these events is used: in the index's own words.
    ///
    /// Two comparisons, and no list: for a list SQLite makes a table of its own each time that it asks whether an event goes into the
    /// index, which is at every act.
    static let isStep = "kind >= \(stepKinds.lowerBound) AND kind <= \(stepKinds.upperBound)"

    /// The same, for a query of all kinds in a stretch of the log: it then goes to the stretch of each.
    static let isOfStepKinds: String = {
        let kinds = ActKind.allCases.map(\.rawValue).filter(stepKinds.contains)
        return "\(isStep) AND kind IN (\(kinds.map(String.init).joined(separator: ", ")))"
    }()

    private static let stepKinds = ActKind.supplementAsked.rawValue...0x08FF

    /// What reading and judging need besides; those that are there are left.
    ///
    /// An act pays for each index that it touches: those of the log and of restrictions leave out most acts, those of sealed cards and of
    /// their last days are touched when a card is made, enabled and ended.
    private static func createViewIndexes(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE INDEX IF NOT EXISTS log_pin ON log (sequence) WHERE kind = \(ActKind.pinServed.rawValue);
                CREATE INDEX IF NOT EXISTS log_steps ON log (kind, sequence) WHERE \(isStep);
                CREATE INDEX IF NOT EXISTS log_deliveries ON log (sequence) WHERE kind = \(ActKind.stockReceived.rawValue);
                CREATE INDEX IF NOT EXISTS log_restored ON log (sequence) WHERE kind = \(ActKind.registryRestored.rawValue);
                CREATE INDEX IF NOT EXISTS cards_person ON card_facts (person) WHERE person IS NOT NULL;
                CREATE UNIQUE INDEX IF NOT EXISTS one_card_each ON card_facts (person) WHERE person IS NOT NULL AND social < 2;
                CREATE INDEX IF NOT EXISTS cards_blank ON card_facts (blank) WHERE blank IS NOT NULL;
                CREATE INDEX IF NOT EXISTS cards_sealed ON card_facts (issued) WHERE person IS NOT NULL AND social = 0;
                CREATE INDEX IF NOT EXISTS cards_expiry ON card_facts (expires) WHERE end_reason IS NULL;
                CREATE INDEX IF NOT EXISTS cards_restricted ON card_states (card) WHERE \(isRestricted);
                CREATE INDEX IF NOT EXISTS applications_person ON applications (person);
                CREATE INDEX IF NOT EXISTS applications_state ON applications (state, last_sequence);
                CREATE INDEX IF NOT EXISTS applications_batches ON applications (state, batch, last_sequence)
                    WHERE batch <> '';
                CREATE INDEX IF NOT EXISTS applications_officer ON applications (state, entered_by);
                CREATE INDEX IF NOT EXISTS stock_owner ON stock (owner, kind);
                """)
    }

    /// The views with the column that orders each; a name that is here may be that of a view in SQLite's sense.
    static let views: [(table: String, key: String)] = [
        ("applications", "identifier"), ("card_counts", "status"), ("cards", "reference"), ("days", "day, owner"),
        ("leases", "identifier"),
        ("numbers", "number"), ("persons", "person"), ("stock", "serial"),
    ]
}

import GRDB

/// The tables: the log, which is the truth, and the views of it, which can be made again at any time.
enum RegistrySchema {
    static let version = 1

    static func prepare(_ pool: DatabasePool) throws {
        try pool.write { database in
            let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
            guard found <= version else { throw RegistryError.newerSchema(found) }
            if found == 0 {
                try createLog(database)
                try createViews(database)
                try database.execute(sql: "PRAGMA user_version = \(version)")
            }
        }
    }

    /// What is not made from anything else; `outbox` is a note of what has not been sent upward.
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
                CREATE INDEX log_card ON log (card, sequence) WHERE card IS NOT NULL;
                CREATE TABLE outbox (sequence INTEGER PRIMARY KEY) STRICT;
                """)
    }

    /// Tables with columns in the order in which ``CanonicalDump`` reads them.
    static func createViews(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE cards (
                    reference BLOB PRIMARY KEY NOT NULL,
                    number TEXT UNIQUE,
                    person BLOB,
                    layout TEXT, profile TEXT, area TEXT, issued TEXT, expires TEXT, plan BLOB, blank BLOB,
                    physical TEXT NOT NULL,
                    social INTEGER NOT NULL,
                    end_reason INTEGER,
                    restrictions BLOB NOT NULL,
                    bank TEXT NOT NULL,
                    status INTEGER NOT NULL,
                    successor BLOB,
                    last_sequence INTEGER NOT NULL
                ) STRICT;
                CREATE INDEX cards_person ON cards (person) WHERE person IS NOT NULL;
                CREATE UNIQUE INDEX one_card_each ON cards (person) WHERE person IS NOT NULL AND social < 2;
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
                """)
    }

    /// The views with the column that orders each.
    static let views: [(table: String, key: String)] = [
        ("cards", "reference"), ("numbers", "number"), ("persons", "person"),
    ]
}

import CSQLite
import GRDB

/// The SQLite file: one connection writes and checkpoints, all others only read.
///
/// Debian 12's SQLite 3.40.1 can corrupt a WAL file that two connections write or checkpoint at the same moment
/// (lifecycle-and-sync.md §1, 7), so readers never checkpoint, and no other process opens the file.
enum RegistryDatabase {
    private static let cacheKibibytes = 65_536
    /// Persons are in no order that the log knows: each of a million finds its page in memory, or fetches it and gives up another.
    private static let wideCacheKibibytes = 262_144

    /// Does what goes through the whole store with more of it in memory than acts need, 256 MiB.
    static func withRoom<Value>(in database: Database, _ body: () throws -> Value) throws -> Value {
        try database.execute(sql: "PRAGMA cache_size = -\(wideCacheKibibytes)")
        defer { try? database.execute(sql: "PRAGMA cache_size = -\(cacheKibibytes); PRAGMA shrink_memory") }
        return try body()
    }

    /// Slots of memory that each connection keeps for what a statement needs while it runs.
    ///
    /// An act's statements need some hundred pieces, and one from the common store costs ten times as much. Settled by the first opening;
    /// SQLite hears it only before its first use.
    static let slots: Void = {
        _ = sqlite_settle_memory(1200, 512)
    }()

    /// Opens or makes the file, with every commit on the disk before it is answered.
    static func open(path: String) throws -> DatabasePool {
        var configuration = self.configuration
        configuration.maximumReaderCount = 4
        let pool = try DatabasePool(path: path, configuration: configuration)
        try RegistrySchema.prepare(pool)
        // Only now: GRDB itself sets NORMAL while it turns WAL on, and a power cut could then undo a printed slip.
        try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        return pool
    }

    /// One more connection to a file that is open, for work that takes long and only reads.
    static func reader(path: String) throws -> DatabaseQueue {
        var configuration = self.configuration
        configuration.readonly = true
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    /// An empty database for views that are made to be compared: in memory as far as that is small, else in a file without a name that goes
    /// with it.
    static func temporary() throws -> DatabaseQueue {
        slots
        var configuration = Configuration()
        configuration.label = "registry.temporary"
        configuration.publicStatementArguments = false
        configuration.prepareDatabase { database in
            try database.execute(
                sql: "PRAGMA foreign_keys = OFF; PRAGMA journal_mode = OFF; PRAGMA cache_size = -\(cacheKibibytes)")
        }
        return try DatabaseQueue(path: "", configuration: configuration)
    }

    private static var configuration: Configuration {
        slots
        var configuration = Configuration()
        configuration.label = "registry"
        // Values of statements would be personal data in logs.
        configuration.publicStatementArguments = false
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA foreign_keys = OFF; PRAGMA trusted_schema = OFF")
            try database.execute(
                sql: database.configuration.readonly
                    ? "PRAGMA wal_autocheckpoint = 0"
                    : "PRAGMA cache_size = -\(cacheKibibytes); PRAGMA secure_delete = ON")
        }
        return configuration
    }
}

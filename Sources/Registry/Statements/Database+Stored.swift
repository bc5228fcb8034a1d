import GRDB
import GRDBSQLite

/// Statements whose values go to SQLite and come from it as they lie.
///
/// GRDB prepares each statement once and keeps it. Its own argument lists and rows box and copy every value, which costs more than most
/// statements of this room take; where an act or a whole log goes through, that is most of the time.
extension Database {
    /// Runs a statement that gives no rows.
    func run(_ sql: String, _ values: StoredValue...) throws {
        let statement = try bound(sql, values)
        defer { Self.release(statement) }
        guard try isRow(statement) == false else { throw DatabaseError(resultCode: .SQLITE_MISUSE, sql: sql) }
    }

    /// What the first row says; nil when there is none.
    func first<Value>(_ sql: String, _ values: StoredValue..., read: (StoredRow) throws -> Value) throws -> Value? {
        let statement = try bound(sql, values)
        defer { Self.release(statement) }
        return try isRow(statement) ? try read(StoredRow(statement)) : nil
    }

    /// Goes through the rows until one is enough.
    ///
    /// - Parameter body: gives false to stop.
    func forEachRow(_ sql: String, _ values: StoredValue..., body: (StoredRow) throws -> Bool) throws {
        let statement = try bound(sql, values)
        defer { Self.release(statement) }
        while try isRow(statement), try body(StoredRow(statement)) {}
    }

    private func bound(_ sql: String, _ values: [StoredValue]) throws -> SQLiteStatement {
        let statement = try cachedStatement(sql: sql).sqliteStatement
        var place: Int32 = 0
        for value in values {
            place += 1
            let code = value.bind(to: statement, at: place)
            guard code == SQLITE_OK else { throw failure(code) }
        }
        return statement
    }

    private func isRow(_ statement: SQLiteStatement) throws -> Bool {
        switch sqlite3_step(statement) {
        case SQLITE_ROW: true
        case SQLITE_DONE: false
        case let code: throw failure(code)
        }
    }

    private func failure(_ code: Int32) -> DatabaseError {
        DatabaseError(
            resultCode: ResultCode(rawValue: code),
            message: sqliteConnection.map { String(cString: sqlite3_errmsg($0)) })
    }

    /// The values are let go as well: they may be a person's.
    private static func release(_ statement: SQLiteStatement) {
        sqlite3_reset(statement)
        sqlite3_clear_bindings(statement)
    }
}

import GRDB
import GRDBSQLite

/// Statements whose values go to SQLite and come from it as they lie.
///
/// GRDB prepares each statement once and keeps it. Its own argument lists and rows box and copy every value, which costs more than most
/// statements of this room take; where an act or a whole log goes through, that is most of the time.
extension Database {
    /// Runs a statement that gives no rows.
    func run(_ sql: String, _ values: StoredValue...) throws { try run(cachedStatement(sql: sql), values) }

    /// Runs one that was looked up before, by whoever runs it many times.
    func run(_ statement: Statement, _ values: StoredValue...) throws { try run(statement, values) }

    private func run(_ statement: Statement, _ values: [StoredValue]) throws {
        try bound(statement, values) { running in
            guard try isRow(running) == false else {
                throw DatabaseError(resultCode: .SQLITE_MISUSE, sql: statement.sql)
            }
        }
    }

    /// What the first row says; nil when there is none.
    func first<Value>(_ sql: String, _ values: StoredValue..., read: (StoredRow) throws -> Value) throws -> Value? {
        try bound(cachedStatement(sql: sql), values) { statement in
            try isRow(statement) ? try read(StoredRow(statement)) : nil
        }
    }

    /// Goes through the rows until one is enough.
    ///
    /// - Parameter body: gives false to stop.
    func forEachRow(_ sql: String, _ values: StoredValue..., body: (StoredRow) throws -> Bool) throws {
        try bound(cachedStatement(sql: sql), values) { statement in
            while try isRow(statement), try body(StoredRow(statement)) {}
        }
    }

    /// Gives a statement its values, and lets go of them after `body`, for they may be a person's.
    private func bound<Result>(
        _ prepared: Statement, _ values: [StoredValue], _ body: (SQLiteStatement) throws -> Result
    ) throws -> Result {
        let statement = prepared.sqliteStatement
        defer {
            sqlite3_reset(statement)
            sqlite3_clear_bindings(statement)
        }
        return try bound(statement, values, from: 0) { try body(statement) }
    }

    private func bound<Result>(
        _ statement: SQLiteStatement, _ values: [StoredValue], from first: Int, _ body: () throws -> Result
    ) throws -> Result {
        guard first < values.count else { return try body() }
        return try values[first].binding(to: statement, at: Int32(first + 1)) { code in
            guard code == SQLITE_OK else { throw failure(code) }
            return try bound(statement, values, from: first + 1, body)
        }
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
}

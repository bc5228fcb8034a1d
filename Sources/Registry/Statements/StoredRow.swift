import GRDB
import GRDBSQLite

/// A row of a statement that runs, read where it lies; only to be used until the statement's next step.
///
/// Columns count from 0. NULL reads as nothing: no bytes, no text, 0.
struct StoredRow {
    private let statement: SQLiteStatement

    init(_ statement: SQLiteStatement) { self.statement = statement }

    var columnCount: Int32 { sqlite3_column_count(statement) }

    /// `SQLITE_INTEGER`, `SQLITE_TEXT`, `SQLITE_BLOB`, `SQLITE_FLOAT` or `SQLITE_NULL`.
    func type(_ column: Int32) -> Int32 { sqlite3_column_type(statement, column) }

    func isNull(_ column: Int32) -> Bool { type(column) == SQLITE_NULL }

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }

    func real(_ column: Int32) -> Double { sqlite3_column_double(statement, column) }

    func bytes(_ column: Int32) -> [UInt8] { withBytes(column) { Array($0) } }

    func text(_ column: Int32) -> String { withBytes(column) { String(decoding: $0, as: UTF8.self) } }

    /// The bytes of BLOB or TEXT.
    func withBytes<Result>(_ column: Int32, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        let start = sqlite3_column_blob(statement, column)
        return try body(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column))))
    }
}

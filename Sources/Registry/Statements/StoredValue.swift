import GRDB
import GRDBSQLite

/// A value as a column takes it; nil is stored as NULL.
enum StoredValue {
    /// BLOB.
    case bytes([UInt8]?)
    /// TEXT.
    case text(String?)
    /// INTEGER.
    case integer(Int64?)

    /// INTEGER, for a number that may use all 64 bits.
    static func bits(_ number: UInt64) -> StoredValue { .integer(Int64(bitPattern: number)) }

    /// INTEGER, for a code of one byte.
    static func code(_ number: UInt8?) -> StoredValue { .integer(number.map(Int64.init)) }

    /// Gives the value to a parameter, counted from 1, for as long as `body` runs: SQLite reads it where it lies.
    ///
    /// - Parameter body: is given SQLite's result code.
    func binding<Result>(
        to statement: SQLiteStatement, at place: Int32, _ body: (Int32) throws -> Result
    ) rethrows -> Result {
        switch self {
        case .bytes(let bytes?):
            // A BLOB without an address would be NULL.
            bytes.isEmpty
                ? try body(sqlite3_bind_zeroblob(statement, place, 0))
                : try bytes.withUnsafeBytes {
                    try body(sqlite3_bind_blob64(statement, place, $0.baseAddress, UInt64($0.count), Self.isNotCopied))
                }
        case .text(let text?):
            try text.withCString {
                try body(
                    sqlite3_bind_text64(
                        statement, place, $0, UInt64(text.utf8.count), Self.isNotCopied, UInt8(SQLITE_UTF8)))
            }
        case .integer(let number?): try body(sqlite3_bind_int64(statement, place, number))
        case .bytes(nil), .text(nil), .integer(nil): try body(sqlite3_bind_null(statement, place))
        }
    }

    /// `SQLITE_STATIC`.
    private static var isNotCopied: sqlite3_destructor_type? { nil }
}

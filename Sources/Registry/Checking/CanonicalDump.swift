import ByteText
import CardCryptography
import GRDB
import GRDBSQLite

/// The views as one hash: two stores with the same hash say the same.
enum CanonicalDump {
    /// SHA-256 over every view in the order of its key: table name, then row by row a 1 and each value with its type and
    /// length, then a 0.
    static func hash(of database: Database) throws -> [UInt8] {
        var hash = try IncrementalHash(.sha256)
        var gathered: [UInt8] = []
        for view in RegistrySchema.views {
            gathered += view.table.utf8
            try database.forEachRow("SELECT * FROM \(view.table) ORDER BY \(view.key)") { row in
                gathered.append(1)
                for column in 0..<row.columnCount { append(row, column, to: &gathered) }
                if gathered.count > 1 << 16 {
                    try hash.update(gathered)
                    gathered.removeAll(keepingCapacity: true)
                }
                return true
            }
            gathered.append(0)
        }
        try hash.update(gathered)
        return try hash.finish()
    }

    private static func append(_ row: StoredRow, _ column: Int32, to bytes: inout [UInt8]) {
        switch row.type(column) {
        case SQLITE_NULL: bytes.append(0)
        case SQLITE_INTEGER:
            bytes.append(1)
            bytes.append(bigEndian: UInt64(bitPattern: row.integer(column)))
        case SQLITE_FLOAT:
            bytes.append(2)
            bytes.append(bigEndian: row.real(column).bitPattern)
        case let type:
            bytes.append(type == SQLITE_TEXT ? 3 : 4)
            row.withBytes(column) {
                bytes.append(bigEndian: UInt64($0.count))
                bytes.append(contentsOf: $0)
            }
        }
    }
}

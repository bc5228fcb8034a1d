import ByteText
import CardCryptography
import Foundation
import GRDB

/// The views as one hash: two stores with the same hash say the same.
enum CanonicalDump {
    /// SHA-256 over every view in the order of its key: table name, then row by row a 1 and each value with its type and
    /// length, then a 0.
    static func hash(of database: Database) throws -> [UInt8] {
        var hash = try IncrementalHash(.sha256)
        for view in RegistrySchema.views {
            try hash.update(Array(view.table.utf8))
            let rows = try Row.fetchCursor(database, sql: "SELECT * FROM \(view.table) ORDER BY \(view.key)")
            while let row = try rows.next() {
                try hash.update([1])
                for value in row.databaseValues { try hash.update(bytes(of: value)) }
            }
            try hash.update([0])
        }
        return try hash.finish()
    }

    private static func bytes(of value: DatabaseValue) -> [UInt8] {
        switch value.storage {
        case .null: [0]
        case .int64(let number): [1] + UInt64(bitPattern: number).bigEndianBytes
        case .double(let number): [2] + number.bitPattern.bigEndianBytes
        case .string(let text): [3] + UInt64(text.utf8.count).bigEndianBytes + Array(text.utf8)
        case .blob(let data): [4] + UInt64(data.count).bigEndianBytes + Array(data)
        }
    }
}

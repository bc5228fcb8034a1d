import Foundation
import GRDB
import Lifecycle

/// Reads the log from front to back without holding it in memory.
enum LogReader {
    /// Where the log ends, or stood at an earlier place; throws `damaged` when the event there cannot be read.
    static func head(of database: Database, at place: UInt64 = .max) throws -> LogHead {
        guard
            let row = try Row.fetchOne(
                database, sql: "SELECT sequence, event FROM log WHERE sequence <= ? ORDER BY sequence DESC LIMIT 1",
                arguments: [Int64(clamping: place)])
        else { return LogHead() }
        let sequence = UInt64(row[0] as Int64)
        let bytes = Array(row[1] as Data)
        guard let event = try? Event(encoded: bytes), event.identifier.sequence == sequence else {
            throw RegistryError.damaged(sequence: sequence)
        }
        return LogHead(sequence: sequence, hash: try EventHash(of: bytes), hybridTime: event.hybridTime)
    }

    /// Brings empty views up to the end of the log.
    static func replay(_ source: Database, into target: Database) throws {
        let rows = try Row.fetchCursor(source, sql: "SELECT sequence, event FROM log ORDER BY sequence")
        while let row = try rows.next() {
            let sequence = UInt64(row[0] as Int64)
            guard let event = try? Event(encoded: Array(row[1] as Data)), let body = try? event.readBody() else {
                throw RegistryError.damaged(sequence: sequence)
            }
            let standing = try event.card.flatMap { try CardTable.find($0, in: target) }
            try RegistryViews.follow(
                event.identifier, body.act, by: event.officer, on: event.card, standing: standing, in: target)
        }
    }
}

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
        let sequence = UInt64(bitPattern: row[0] as Int64)
        let bytes = Array(row[1] as Data)
        guard let event = try? Event(encoded: bytes), event.identifier.sequence == sequence else {
            throw RegistryError.damaged(sequence: sequence)
        }
        return LogHead(sequence: sequence, hash: try EventHash(of: bytes), hybridTime: event.hybridTime)
    }

    /// Goes through the events about a card, the newest first, until one is enough.
    ///
    /// Each event says which one about the card its counter had seen last: an index of the log by cards would only say it once more, and
    /// every act would write a page of it.
    ///
    /// - Parameters:
    ///   - newest: the place in the log of the newest of them; 0 when there is none.
    ///   - body: gives false to stop.
    /// - Throws: `damaged` when the way leads to an event that is none, or about another card.
    static func forEachEvent(
        of card: CardReference, from newest: UInt64, in database: Database, body: (LoggedEvent) throws -> Bool
    ) throws {
        var place = newest
        while place > 0 {
            let bytes = try database.first("SELECT event FROM log WHERE sequence = ?", .integer(Int64(place))) {
                $0.bytes(0)
            }
            guard let bytes, let event = try? Event(encoded: bytes), event.card == card, event.seen < place,
                let content = try? event.readBody()
            else { throw RegistryError.damaged(sequence: place) }
            guard try body(LoggedEvent(event: event, body: content, bytes: bytes)) else { return }
            place = event.seen
        }
    }

    /// The same, from the newest event on that the card's rows know.
    static func forEachEvent(
        of card: CardReference, in database: Database, body: (LoggedEvent) throws -> Bool
    ) throws {
        let newest = try CardTable.find(card, in: database)?.lastSequence ?? 0
        try forEachEvent(of: card, from: newest, in: database, body: body)
    }

    /// The event at a place of the log; throws `damaged` when there is none.
    static func event(_ sequence: UInt64, in database: Database) throws -> LoggedEvent {
        let bytes = try database.first("SELECT event FROM log WHERE sequence = ?", .integer(Int64(clamping: sequence)))
        {
            $0.bytes(0)
        }
        guard let bytes, let event = try? Event(encoded: bytes), let body = try? event.readBody() else {
            throw RegistryError.damaged(sequence: sequence)
        }
        return LoggedEvent(event: event, body: body, bytes: bytes)
    }

    /// Brings empty views up to the end of the log.
    static func replay(_ source: Database, into target: Database) throws {
        var counts = CardCounts()
        try source.forEachRow("SELECT sequence, event FROM log ORDER BY sequence") { row in
            guard let event = try? Event(encoded: row.bytes(1)), let body = try? event.readBody() else {
                throw RegistryError.damaged(sequence: UInt64(bitPattern: row.integer(0)))
            }
            let standing = try event.card.flatMap { try CardTable.find($0, in: target) }
            try RegistryViews.follow(
                event.identifier, body.act, by: event.officer, on: event.card, standing: standing, counts: &counts,
                in: target, log: source)
            return true
        }
        try counts.write(to: target)
    }
}

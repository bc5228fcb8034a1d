public import CardData
import Foundation
import GRDB
import Lifecycle

/// Finished cards that nobody has collected.
public struct UncollectedCards: Sendable {
    /// How many were issued on each day, the oldest first.
    public let byIssueDate: [(issued: CardDate, count: Int)]
    /// The oldest of them.
    public let oldest: [RegisteredCard]

    /// All of them.
    public var count: Int { byIssueDate.reduce(0) { $0 + $1.count } }
}

/// What reports are made of.
extension Registry {
    /// How far a clock may have been set back without events being overlooked, in milliseconds: a day.
    private static let clockSlack: UInt64 = 86_400_000

    /// The events of a stretch of time by the counter's own clock, the oldest first.
    ///
    /// The log is in the order of what was done; it is read from its end until events are older than the stretch by a day.
    ///
    /// - Parameters:
    ///   - start: the first millisecond of Unix time.
    ///   - end: the first one that does not belong any more.
    /// - Throws: `damaged` for an event that cannot be read, or the store's errors.
    public func events(from start: UInt64, to end: UInt64) throws(RegistryError) -> [LoggedEvent] {
        try reading { database in
            let rows = try Row.fetchCursor(
                database.cachedStatement(sql: "SELECT sequence, event FROM log ORDER BY sequence DESC"))
            var found: [LoggedEvent] = []
            while let row = try rows.next() {
                let bytes = Array(row[1] as Data)
                guard let event = try? Event(encoded: bytes) else {
                    throw RegistryError.damaged(sequence: UInt64(bitPattern: row[0] as Int64))
                }
                if event.wallMilliseconds + Self.clockSlack < start { break }
                guard (start..<end).contains(event.wallMilliseconds) else { continue }
                guard let body = try? event.readBody() else {
                    throw RegistryError.damaged(sequence: UInt64(bitPattern: row[0] as Int64))
                }
                found.append(LoggedEvent(event: event, body: body, bytes: bytes))
            }
            return found.reversed()
        }
    }

    /// The cards that are made and wait to be handed over, and the oldest of them.
    public func uncollectedCards(_ limit: Int) throws(RegistryError) -> UncollectedCards {
        try reading { try CardTable.uncollected(limit, in: $0) }
    }
}

import Foundation
import GRDB
public import Lifecycle

/// The applications of an employer's or school's batch that stand in one state.
public struct ApplicationBatch: Hashable, Sendable {
    /// The batch's number.
    public let number: String
    /// How many there are.
    public let count: Int
    /// The newest event of any of them: they are as somebody saw them while this and their count are the same.
    public let newest: UInt64

    /// A batch as somebody saw it.
    public init(number: String, count: Int, newest: UInt64) {
        self.number = number
        self.count = count
        self.newest = newest
    }
}

extension Registry {
    /// How many applications of a batch are approved in one transaction.
    public static let batchStep = 2000

    /// The batches with applications in a state, the one that has waited longest first.
    public func batches(in state: ApplicationState, limit: Int = 100) throws(RegistryError) -> [ApplicationBatch] {
        try reading { try ApplicationTable.batches(state: state, limit: limit, in: $0) }
    }

    /// The applications of a batch that stand in a state, and the first of them; nil when there is none.
    public func batch(
        _ number: String, in state: ApplicationState, showing limit: Int
    ) throws(RegistryError) -> (batch: ApplicationBatch, first: [Application])? {
        try reading { database in
            guard let batch = try ApplicationTable.batch(number, state: state, in: database) else { return nil }
            return (batch, try ApplicationTable.find(batch: number, state: state, limit: limit, in: database))
        }
    }

    /// The applications of a batch that stand in a state, the one that has waited longest first.
    public func applications(
        of batch: String, in state: ApplicationState, limit: Int
    ) throws(RegistryError) -> [Application] {
        try reading { try ApplicationTable.find(batch: batch, state: state, limit: limit, in: $0) }
    }

    /// Approves the applications of a batch that wait, the longest waiting first, at most ``batchStep`` at once: an event each, all of
    /// them or none.
    ///
    /// - Parameter shown: the batch as whoever approves has seen it; nil when nobody says what they saw.
    /// - Throws: `batchChanged` when it is another one now, `batchRefused` with the first application that the rules refuse; then
    ///   nothing was changed.
    public func approve(
        batch number: String, expecting shown: ApplicationBatch?, handledBy handling: Handling
    ) throws(RegistryError) -> [RecordedEvent] {
        try perform { transcript in
            let found = try ApplicationTable.batch(number, state: .submitted, in: transcript.database)
            guard let found, shown == nil || shown == found else { throw RegistryError.batchChanged(number) }
            let waiting = try ApplicationTable.find(
                batch: number, state: .submitted, limit: Self.batchStep, in: transcript.database)
            for application in waiting {
                do {
                    try transcript.add(.application(application.identifier, .approved), on: nil, handledBy: handling)
                } catch RegistryError.refused(let refusal) {
                    throw RegistryError.batchRefused(application.identifier, refusal)
                }
            }
        }
    }
}

extension ApplicationTable {
    private static let batchColumns = "batch, count(*), max(last_sequence)"

    fileprivate static func batches(
        state: ApplicationState, limit: Int, in database: Database
    ) throws -> [ApplicationBatch] {
        let statement = try database.cachedStatement(
            sql: """
                SELECT \(batchColumns) FROM applications WHERE state = ? AND batch <> '' GROUP BY batch
                ORDER BY min(last_sequence) LIMIT ?
                """)
        return try Row.fetchAll(statement, arguments: [state.rawValue, max(limit, 0)]).map(batch)
    }

    fileprivate static func batch(
        _ number: String, state: ApplicationState, in database: Database
    ) throws -> ApplicationBatch? {
        let statement = try database.cachedStatement(
            sql: "SELECT \(batchColumns) FROM applications WHERE state = ? AND batch = ? AND batch <> '' GROUP BY batch"
        )
        return try Row.fetchOne(statement, arguments: [state.rawValue, number]).map(batch)
    }

    private static func batch(_ row: Row) -> ApplicationBatch {
        ApplicationBatch(number: row[0], count: row[1], newest: UInt64(bitPattern: row[2] as Int64))
    }
}

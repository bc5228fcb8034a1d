import Foundation
import GRDB
public import Lifecycle

/// What a counter's first page counts, of one moment.
public struct DeskNumbers: Hashable, Sendable {
    /// Applications that are not final, by their state.
    public let applications: [ApplicationState: Int]
    /// Of those that wait for a decision, the ones that this officer neither entered nor added to, and may therefore decide.
    public let toApprove: Int
    /// Of those that are approved, the ones whose card a factory could not make.
    public let failed: Int
    /// Applications that this officer entered and that are not final.
    public let mine: Int
    /// Events that have not been sent upward.
    public let unsent: Int
    /// When the oldest of them happened, Unix milliseconds by the counter's clock; nil when there is none.
    public let oldestUnsent: UInt64?
    /// Cards by their application status AAZ502.
    public let cards: [UInt8: Int]
    /// Blanks in the book.
    public let blanks: Int
    /// Of these, the officer's own.
    public let ownBlanks: Int
    /// The newest event's place in the log; 0 for an empty one.
    public let head: UInt64
    /// The latest wall time in the log, Unix milliseconds, whatever the newest event has: a clock that shows less has gone back.
    public let latestTime: UInt64
}

extension Registry {
    /// The place in the log up to which the upper tier has acknowledged all events.
    public func acknowledged() throws(RegistryError) -> UInt64 {
        try reading { UInt64(try Int64.fetchOne($0, sql: "SELECT sequence FROM sent") ?? 0) }
    }

    /// The numbers for one officer's first page.
    public func deskNumbers(of officer: UInt64) throws(RegistryError) -> DeskNumbers {
        try reading { database in
            func count(_ sql: String, _ arguments: StatementArguments = []) throws -> Int {
                try Int.fetchOne(database.cachedStatement(sql: sql), arguments: arguments) ?? 0
            }
            func event(_ sql: String) throws -> Event? {
                let bytes = try Data.fetchOne(database.cachedStatement(sql: sql))
                return bytes.flatMap { try? Event(encoded: Array($0)) }
            }
            let own = Int64(bitPattern: officer)
            // By state and officer, which an index holds: those that are final are many more, and not looked at.
            var applications: [ApplicationState: Int] = [:]
            var ownApplications: [ApplicationState: Int] = [:]
            for state in ApplicationState.allCases where !state.isFinal {
                applications[state] = try count("SELECT count(*) FROM applications WHERE state = ?", [state.rawValue])
                ownApplications[state] = try count(
                    "SELECT count(*) FROM applications WHERE state = ? AND entered_by = ?", [state.rawValue, own])
            }
            let cards = try Row.fetchAll(
                database.cachedStatement(sql: "SELECT status, count FROM card_counts WHERE count > 0"))
            let newest = try event("SELECT event FROM log ORDER BY sequence DESC LIMIT 1")
            let oldest = try event(
                """
                SELECT event FROM log WHERE sequence > (SELECT sequence FROM sent) ORDER BY sequence LIMIT 1
                """)
            return DeskNumbers(
                applications: applications,
                toApprove: (applications[.submitted] ?? 0) - (ownApplications[.submitted] ?? 0)
                    - (try Self.othersAddedTo(by: officer, in: database)),
                failed: try count(
                    """
                    SELECT count(*) FROM applications CROSS JOIN log ON log.sequence = applications.last_sequence
                    WHERE applications.state = ? AND applications.way = ?
                    AND log.kind = \(ActKind.productionFailed.rawValue)
                    """, [ApplicationState.approved.rawValue, Int64(ApplicationFacts.Way.factory.rawValue)]),
                mine: ownApplications.values.reduce(0, +),
                // Places in the log have no gaps: counting them would go through all of it.
                unsent: try count(
                    "SELECT coalesce(max(sequence), 0) - (SELECT sequence FROM sent) FROM log"),
                oldestUnsent: oldest?.wallMilliseconds,
                cards: Dictionary(
                    uniqueKeysWithValues: cards.map { (UInt8(truncatingIfNeeded: $0[0] as Int64), $0[1] as Int) }),
                blanks: try count("SELECT count(*) FROM stock WHERE kind = 1"),
                ownBlanks: try count("SELECT count(*) FROM stock WHERE kind = 1 AND owner = ?", [own]),
                head: newest?.identifier.sequence ?? 0, latestTime: newest?.latestWallMilliseconds ?? 0)
        }
    }

    /// The places of the steps of a kind, by the index of steps.
    private static func steps(of kind: ActKind) -> String {
        "SELECT sequence FROM log WHERE \(RegistrySchema.isStep) AND kind = \(kind.rawValue)"
    }

    /// How many applications of others wait for a decision that an officer has supplemented.
    private static func othersAddedTo(by officer: UInt64, in database: Database) throws -> Int {
        // One that waits and was supplemented has that as its newest event. What waits is looked at, and not every step that ever was.
        let names = try Data.fetchAll(
            database.cachedStatement(
                sql: """
                    SELECT applications.identifier FROM applications
                    CROSS JOIN log ON log.sequence = applications.last_sequence
                    WHERE applications.state = ? AND applications.entered_by <> ?
                    AND log.kind = \(ActKind.supplemented.rawValue)
                    """),
            arguments: [ApplicationState.submitted.rawValue, Int64(bitPattern: officer)])
        let others = Set(names.compactMap { EventIdentifier(bytes: Array($0)) })
        guard let first = others.map(\.sequence).min() else { return 0 }
        var found: Set<EventIdentifier> = []
        // The kind stands in the text, so that the index of these events is used.
        let rows = try Row.fetchCursor(
            database.cachedStatement(
                sql: "SELECT event FROM log WHERE sequence IN (\(Self.steps(of: .supplemented)) AND sequence > ?)"),
            arguments: [Int64(clamping: first)])
        while let row = try rows.next() {
            guard let event = try? Event(encoded: Array(row[0] as Data)), event.officer == officer,
                case .application(let application, .supplemented)? = try? event.readBody().act,
                others.contains(application)
            else { continue }
            found.insert(application)
        }
        return found.count
    }

    /// The event at a place in the log; nil when there is none.
    public func event(at sequence: UInt64) throws(RegistryError) -> LoggedEvent? {
        try log(from: sequence, limit: 1).first { $0.event.identifier.sequence == sequence }
    }
}

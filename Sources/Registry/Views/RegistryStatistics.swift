import GRDB

/// Counts over a whole registry.
public struct RegistryStatistics: Hashable, Sendable {
    /// Events in the log.
    public let events: Int
    /// Registered persons.
    public let persons: Int
    /// Cards by their application status AAZ502 (``ShownState/applicationStatus``); spoiled ones count under 9.
    public let cards: [UInt8: Int]
    /// Blanks that became cards, whatever became of these later.
    public let blanksUsed: Int
    /// Blanks that were spoiled in making.
    public let blanksSpoiled: Int
    /// Numbers of the pool by their state; free ones are not counted.
    public let numbers: [CardNumberState: Int]
    /// Events that have not been sent upward.
    public let unsent: Int
}

extension Registry {
    /// Counts over the whole registry, of one moment.
    public func statistics() throws(RegistryError) -> RegistryStatistics {
        try reading { database in
            func count(_ sql: String) throws -> Int { try Int.fetchOne(database, sql: sql) ?? 0 }
            func counts(_ sql: String) throws -> [Int64: Int] {
                let rows = try Row.fetchAll(database, sql: sql)
                return Dictionary(uniqueKeysWithValues: rows.map { ($0[0] as Int64, $0[1] as Int) })
            }
            let cards = try counts("SELECT status, count(*) FROM card_states GROUP BY status")
            let numbers = try counts("SELECT state, count(*) FROM numbers GROUP BY state")
            return RegistryStatistics(
                events: try count("SELECT count(*) FROM log"), persons: try count("SELECT count(*) FROM persons"),
                cards: Dictionary(uniqueKeysWithValues: cards.map { (UInt8(truncatingIfNeeded: $0), $1) }),
                blanksUsed: try count("SELECT count(*) FROM card_states WHERE physical <> 'spoiled'"),
                blanksSpoiled: try count("SELECT count(*) FROM card_states WHERE physical = 'spoiled'"),
                numbers: Dictionary(
                    uniqueKeysWithValues: numbers.compactMap { code, count in
                        CardNumberState(rawValue: code).map { ($0, count) }
                    }),
                unsent: try count(
                    "SELECT coalesce(max(sequence), 0) - (SELECT sequence FROM sent) FROM log"))
        }
    }
}

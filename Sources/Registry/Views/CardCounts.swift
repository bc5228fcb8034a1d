import GRDB

/// The table `card_counts`, how many cards there are by application status, as changes that are written once for many acts.
///
/// A status that a card only passed through has a row as well, with 0: the same acts make the same table, whether written one by one or
/// together.
struct CardCounts {
    private var changes: [UInt8: Int] = [:]

    /// Notes a card's status; nil before is a new card.
    mutating func note(_ status: UInt8, before: UInt8?) {
        guard status != before else { return }
        if let before { changes[before, default: 0] -= 1 }
        changes[status, default: 0] += 1
    }

    /// Writes what was noted.
    func write(to database: Database) throws {
        for (status, change) in changes {
            try database.run(
                """
                INSERT INTO card_counts (status, count) VALUES (?, ?)
                ON CONFLICT (status) DO UPDATE SET count = count + excluded.count
                """, .code(status), .integer(Int64(change)))
        }
    }
}

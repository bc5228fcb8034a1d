import CardData
import Foundation
import GRDB
import Lifecycle

/// The table `leases`.
enum LeaseTable {
    static func put(_ lease: Lease, as identifier: EventIdentifier, in database: Database) throws {
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO leases (identifier, counter, area, letter, first, last, register_hours, cards_per_day, cards,
                returned) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)
                """)
        try statement.execute(
            arguments: [
                Data(identifier.bytes), Int64(bitPattern: lease.counter), lease.area, String(lease.numbers.letter),
                Int64(lease.numbers.serials.lowerBound), Int64(lease.numbers.serials.upperBound),
                Int64(lease.terms.registerHours), Int64(lease.terms.cardsPerDay), Int64(lease.terms.cards),
            ])
    }

    static func isOpen(_ identifier: EventIdentifier, in database: Database) throws -> Bool {
        let statement = try database.cachedStatement(
            sql: "SELECT 1 FROM leases WHERE identifier = ? AND returned = 0")
        return try Row.fetchOne(statement, arguments: [Data(identifier.bytes)]) != nil
    }

    static func end(_ identifier: EventIdentifier, in database: Database) throws {
        try database.cachedStatement(sql: "UPDATE leases SET returned = 1 WHERE identifier = ?")
            .execute(arguments: [Data(identifier.bytes)])
    }

    /// The leases that are open, by the events that granted them.
    static func open(in database: Database) throws -> [(identifier: EventIdentifier, lease: Lease)] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT identifier, counter, area, letter, first, last, register_hours, cards_per_day, cards FROM leases
                WHERE returned = 0 ORDER BY identifier
                """
        ).map { row in
            guard let identifier = EventIdentifier(bytes: Array(row[0] as Data)), let letter = (row[3] as String).first,
                let numbers = try? CardNumberRange(letter: letter, first: row[4], last: row[5]),
                let lease = Lease(
                    counter: UInt64(bitPattern: row[1] as Int64), area: row[2], numbers: numbers,
                    terms: LeaseTerms(registerHours: row[6], cardsPerDay: row[7], cards: row[8]))
            else { throw RegistryError.inconsistent("lease row") }
            return (identifier, lease)
        }
    }
}

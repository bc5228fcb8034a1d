import GRDB
import Lifecycle

/// The table `persons`: sealed bytes as the newest registration carries them.
enum PersonTable {
    static func find(
        _ person: PersonReference, in database: Database
    ) throws -> (sealed: SealedPerson, sequence: UInt64)? {
        try database.first(
            "SELECT number, name, details, sealed_at FROM persons WHERE person = ?", .bytes(person.bytes)
        ) { row in
            let sealed = SealedPerson(
                person: person, sealedNumber: row.bytes(0), sealedName: row.bytes(1), sealedDetails: row.bytes(2))
            return (sealed, UInt64(clamping: row.integer(3)))
        }
    }

    static func exists(_ person: PersonReference, in database: Database) throws -> Bool {
        try database.first("SELECT 1 FROM persons WHERE person = ?", .bytes(person.bytes)) { _ in true } ?? false
    }

    static func put(_ sealed: SealedPerson, sequence: UInt64, in database: Database) throws {
        try database.run(
            """
            INSERT INTO persons (person, number, name, details, sealed_at) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (person) DO UPDATE SET number = excluded.number, name = excluded.name,
            details = excluded.details, sealed_at = excluded.sealed_at
            """,
            .bytes(sealed.person.bytes), .bytes(sealed.sealedNumber), .bytes(sealed.sealedName),
            .bytes(sealed.sealedDetails), .integer(Int64(sequence)))
    }
}

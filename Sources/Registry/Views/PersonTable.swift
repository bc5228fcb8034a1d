import Foundation
import GRDB
import Lifecycle

/// The table `persons`: sealed bytes as the newest registration carries them.
enum PersonTable {
    static func find(
        _ person: PersonReference, in database: Database
    ) throws -> (sealed: SealedPerson, sequence: UInt64)? {
        let statement = try database.cachedStatement(
            sql: "SELECT number, name, details, sealed_at FROM persons WHERE person = ?")
        guard let row = try Row.fetchOne(statement, arguments: [Data(person.bytes)]) else { return nil }
        let sealed = SealedPerson(
            person: person, sealedNumber: Array(row[0] as Data), sealedName: Array(row[1] as Data),
            sealedDetails: Array(row[2] as Data))
        return (sealed, UInt64(row[3] as Int64))
    }

    static func exists(_ person: PersonReference, in database: Database) throws -> Bool {
        let statement = try database.cachedStatement(sql: "SELECT 1 FROM persons WHERE person = ?")
        return try Row.fetchOne(statement, arguments: [Data(person.bytes)]) != nil
    }

    static func put(_ sealed: SealedPerson, sequence: UInt64, in database: Database) throws {
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO persons (person, number, name, details, sealed_at) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (person) DO UPDATE SET number = excluded.number, name = excluded.name,
                details = excluded.details, sealed_at = excluded.sealed_at
                """)
        try statement.execute(
            arguments: [
                Data(sealed.person.bytes), Data(sealed.sealedNumber), Data(sealed.sealedName),
                Data(sealed.sealedDetails), Int64(sequence),
            ])
    }
}

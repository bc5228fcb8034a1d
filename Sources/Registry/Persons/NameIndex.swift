import ByteText
import CardCryptography
import CardData
import Foundation
import GRDB
import Lifecycle

/// 姓名前缀索引: by which persons are found by how their name begins, while names lie sealed.
///
/// A keyed hash lets every beginning of two to four characters fall into one of 16,384 buckets, and the table says which persons
/// are in a bucket. Many beginnings share each; whoever searches opens the names of a bucket and keeps those that begin so.
/// It is no view: it is made of names and the look-up key, and can be made again at any time.
///
/// What it tells without the key: nobody's characters, but that two persons who share all their buckets most likely have names that
/// begin with the same two to four characters, and how many persons do.
struct NameIndex {
    /// The fewest characters that are searched for.
    static let least = 2
    /// Beginnings of more characters fall where their first four do.
    static let most = 4
    private static let bucketCount: UInt32 = 1 << 14

    let sealing: PersonSealing
    let counter: UInt64

    /// The bucket of a beginning; nil for one that is too short.
    func bucket(of beginning: String) throws -> Int64? {
        let characters = beginning.unicodeScalars.prefix(Self.most)
        guard characters.count >= Self.least else { return nil }
        return Int64(
            try hash(of: String(String.UnicodeScalarView(characters))).prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
                % Self.bucketCount)
    }

    /// HMAC-SM3 under the look-up key, of what is no number and so no person's reference.
    func hash(of beginning: String) throws -> [UInt8] {
        try sealing.keys.lookUp.withSpan { (key) throws(CryptographyError) in
            try HashFunction.sm3.hmac(key: key, Array("name:\(beginning)".utf8))
        }
    }

    private func buckets(of name: String) throws -> Set<Int64> {
        let scalars = Array(name.unicodeScalars)
        var found: Set<Int64> = []
        for length in Self.least...Self.most where length <= scalars.count {
            found.formUnion(try bucket(of: String(String.UnicodeScalarView(scalars.prefix(length)))).map { [$0] } ?? [])
        }
        return found
    }

    // MARK: - The table

    /// Makes the table where it is missing, and fills it from the names that are there.
    func prepare(_ database: Database) throws {
        guard try !database.tableExists("name_buckets") else { return }
        try database.execute(
            sql: """
                CREATE TABLE name_buckets (
                    bucket INTEGER NOT NULL, person BLOB NOT NULL, PRIMARY KEY (bucket, person)
                ) STRICT, WITHOUT ROWID
                """)
        let rows = try Row.fetchCursor(database, sql: "SELECT person, name, sealed_at FROM persons")
        while let row = try rows.next() {
            // A name that cannot be opened is found by number, and by whoever verifies the log.
            guard let person = PersonReference(bytes: Array(row[0] as Data)), let name = try? open(row[1], row[2])
            else {
                continue
            }
            try put(person, name, in: database)
        }
    }

    /// Makes the table again.
    func remake(_ database: Database) throws {
        try database.execute(sql: "DROP TABLE IF EXISTS name_buckets")
        try prepare(database)
    }

    /// Notes a person's name in place of the one before.
    func replace(_ old: String?, with name: String, of person: PersonReference, in database: Database) throws {
        guard old != name else { return }
        if let old {
            let statement = try database.cachedStatement(
                sql: "DELETE FROM name_buckets WHERE bucket = ? AND person = ?")
            for bucket in try buckets(of: old) { try statement.execute(arguments: [bucket, Data(person.bytes)]) }
        }
        try put(person, name, in: database)
    }

    private func put(_ person: PersonReference, _ name: String, in database: Database) throws {
        let statement = try database.cachedStatement(
            sql: "INSERT OR IGNORE INTO name_buckets (bucket, person) VALUES (?, ?)")
        for bucket in try buckets(of: name) { try statement.execute(arguments: [bucket, Data(person.bytes)]) }
    }

    /// The persons whose name begins so, no more than a limit, in the order of their references.
    func find(_ beginning: String, limit: Int, in database: Database) throws -> [PersonReference] {
        guard let bucket = try bucket(of: beginning) else { return [] }
        let rows = try Row.fetchCursor(
            database.cachedStatement(
                sql: """
                    SELECT p.person, p.name, p.sealed_at FROM name_buckets AS n JOIN persons AS p ON p.person = n.person
                    WHERE n.bucket = ? ORDER BY n.person
                    """), arguments: [bucket])
        var found: [PersonReference] = []
        while found.count < limit, let row = try rows.next() {
            guard let person = PersonReference(bytes: Array(row[0] as Data)) else { continue }
            if try open(row[1], row[2]).hasPrefix(beginning) { found.append(person) }
        }
        return found
    }

    private func open(_ sealed: Data, _ sequence: Int64) throws -> String {
        try sealing.openName(Array(sealed), from: EventIdentifier(counter: counter, sequence: UInt64(sequence)))
    }
}

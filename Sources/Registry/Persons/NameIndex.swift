import ByteText
import CardCryptography
import CardData
import Foundation
import GRDB
import Lifecycle

/// 姓名前缀索引: by which persons are found by how their name begins, while names lie sealed.
///
/// A keyed hash lets the first two characters of each name fall into one of 1,024 buckets, and the table says which persons
/// are in a bucket. Many beginnings share each; whoever searches opens the names of a bucket and keeps those that begin so.
/// It is no view: it is made of names and the look-up key, and can be made again at any time.
///
/// What it tells without the key: of each person one number out of 1,024. Of a million persons a thousand or so share each, whatever
/// their names begin with, and nothing is told of what follows the first two characters. Only beginnings that are much more
/// frequent than one in a thousand make their bucket stand out. Fewer buckets would tell less still, and every search would open
/// more names: the size is what a million persons allow within the aim for a search.
///
/// Each row carries the sealed name as the person's event has it, so that the names of a bucket are read in one sweep and not looked
/// up one by one.
struct NameIndex {
    /// A person's name as it lies in `persons` and in the index: sealed, by the event at that place.
    private struct SealedName {
        let person: Data
        let name: Data
        let sealedAt: Int64

        init(person: Data, name: Data, sealedAt: Int64) {
            self.person = person
            self.name = name
            self.sealedAt = sealedAt
        }

        /// The columns person, name and sealed_at, in this order.
        init(_ row: Row) { self.init(person: row[0], name: row[1], sealedAt: row[2]) }
    }

    /// The fewest characters that are searched for, and as many as are hashed.
    static let least = 2
    /// How many buckets there are.
    static let bucketCount: UInt32 = 1 << 10

    let sealing: PersonSealing
    let counter: UInt64

    /// The bucket of a beginning or a whole name; nil for one that is too short.
    func bucket(of beginning: String) throws -> Int64? {
        let characters = beginning.unicodeScalars.prefix(Self.least)
        guard characters.count == Self.least else { return nil }
        // Another text than what a search for nobody leaves in the log, which must not tell the bucket.
        let hash = try hash("name-bucket:" + String(String.UnicodeScalarView(characters)))
        return Int64(hash.prefix(4).reduce(0) { $0 << 8 | UInt32($1) } % Self.bucketCount)
    }

    /// What the log calls the person who was searched for by a beginning and not found: no person's reference, for it is the hash of
    /// no number.
    func nobody(_ beginning: String) throws -> PersonReference? {
        PersonReference(bytes: try hash("name:" + beginning))
    }

    /// HMAC-SM3 under the look-up key.
    private func hash(_ text: String) throws -> [UInt8] {
        try sealing.keys.lookUp.withSpan { (key) throws(CryptographyError) in
            try HashFunction.sm3.hmac(key: key, Array(text.utf8))
        }
    }

    // MARK: - The table

    /// Makes the table where it is missing, and fills it from the names that are there; the index of an older program goes.
    func prepare(_ database: Database) throws {
        guard try !database.tableExists("name_index") else { return }
        try database.execute(
            sql: """
                DROP TABLE IF EXISTS name_buckets;
                CREATE TABLE name_index (
                    bucket INTEGER NOT NULL, person BLOB NOT NULL, name BLOB NOT NULL, sealed_at INTEGER NOT NULL,
                    PRIMARY KEY (bucket, person)
                ) STRICT, WITHOUT ROWID
                """)
        let rows = try Row.fetchCursor(database, sql: "SELECT person, name, sealed_at FROM persons")
        while let row = try rows.next() {
            let sealed = SealedName(row)
            // A name that cannot be opened is found by number, and by whoever verifies the log.
            guard let name = try? open(sealed) else { continue }
            try put(sealed, in: bucket(of: name), database)
        }
    }

    /// Makes the table again.
    func remake(_ database: Database) throws {
        try database.execute(sql: "DROP TABLE IF EXISTS name_index")
        try prepare(database)
    }

    /// Notes a person's name, sealed by an event, in place of the one before.
    func replace(
        _ old: String?, with name: String, of person: SealedPerson, sealedAt sequence: UInt64, in database: Database
    ) throws {
        if let old, let bucket = try bucket(of: old) {
            let statement = try database.cachedStatement(
                sql: "DELETE FROM name_index WHERE bucket = ? AND person = ?")
            try statement.execute(arguments: [bucket, Data(person.person.bytes)])
        }
        let sealed = SealedName(
            person: Data(person.person.bytes), name: Data(person.sealedName), sealedAt: Int64(sequence))
        try put(sealed, in: bucket(of: name), database)
    }

    private func put(_ sealed: SealedName, in bucket: Int64?, _ database: Database) throws {
        guard let bucket else { return }
        let statement = try database.cachedStatement(
            sql: "INSERT OR REPLACE INTO name_index (bucket, person, name, sealed_at) VALUES (?, ?, ?, ?)")
        try statement.execute(arguments: [bucket, sealed.person, sealed.name, sealed.sealedAt])
    }

    /// The persons whose name begins so, no more than a limit, in the order of their references.
    func find(_ beginning: String, limit: Int, in database: Database) throws -> [PersonReference] {
        guard let bucket = try bucket(of: beginning) else { return [] }
        let statement = try database.cachedStatement(
            sql: "SELECT person, name, sealed_at FROM name_index WHERE bucket = ? ORDER BY person")
        let rows = try Row.fetchCursor(statement, arguments: [bucket])
        var found: [PersonReference] = []
        while found.count < limit, let row = try rows.next() {
            let sealed = SealedName(row)
            guard try open(sealed).hasPrefix(beginning), let person = PersonReference(bytes: Array(sealed.person))
            else { continue }
            found.append(person)
        }
        return found
    }

    private func open(_ sealed: SealedName) throws -> String {
        try sealing.openName(
            Array(sealed.name), from: EventIdentifier(counter: counter, sequence: UInt64(sealed.sealedAt)))
    }
}

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
        for place in try places(in: database) {
            try database.run(
                """
                INSERT INTO name_index (bucket, person, name, sealed_at)
                SELECT ?, person, name, sealed_at FROM persons WHERE rowid = ?
                """, .integer(place.bucket), .integer(place.row))
        }
    }

    /// Where a person belongs in the index.
    private struct Place {
        let bucket: Int64
        /// The first eight bytes of the person's reference, by which a bucket is ordered.
        let person: UInt64
        let row: Int64
    }

    /// Where everybody belongs, in the order of the index: a row that comes next to the one before finds its page at hand.
    private func places(in database: Database) throws -> [Place] {
        let opener = try sealing.nameOpener()
        var places: [Place] = []
        try database.forEachRow("SELECT rowid, person, name, sealed_at FROM persons") { row in
            let event = EventIdentifier(counter: counter, sequence: UInt64(clamping: row.integer(3)))
            // A name that cannot be opened is found by number, and by whoever verifies the log.
            if let name = try? row.withBytes(2, { try opener.open($0, from: event) }), let bucket = try bucket(of: name)
            {
                let beginning = row.withBytes(1) { $0.prefix(8).reduce(0) { $0 << 8 | UInt64($1) } }
                places.append(Place(bucket: bucket, person: beginning, row: row.integer(0)))
            }
            return true
        }
        return places.sorted { ($0.bucket, $0.person) < ($1.bucket, $1.person) }
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
            try database.run(
                "DELETE FROM name_index WHERE bucket = ? AND person = ?", .integer(bucket),
                .bytes(person.person.bytes))
        }
        guard let bucket = try bucket(of: name) else { return }
        try database.run(
            "INSERT OR REPLACE INTO name_index (bucket, person, name, sealed_at) VALUES (?, ?, ?, ?)",
            .integer(bucket), .bytes(person.person.bytes), .bytes(person.sealedName), .integer(Int64(sequence)))
    }

    /// The persons whose name begins so, no more than a limit, in the order of their references.
    func find(_ beginning: String, limit: Int, in database: Database) throws -> [PersonReference] {
        guard let bucket = try bucket(of: beginning) else { return [] }
        let opener = try sealing.nameOpener()
        var found: [PersonReference] = []
        try database.forEachRow(
            "SELECT person, name, sealed_at FROM name_index WHERE bucket = ? ORDER BY person", .integer(bucket)
        ) { row in
            guard found.count < limit else { return false }
            let event = EventIdentifier(counter: counter, sequence: UInt64(clamping: row.integer(2)))
            let name = try row.withBytes(1) { try opener.open($0, from: event) }
            if name.hasPrefix(beginning), let person = PersonReference(bytes: row.bytes(0)) { found.append(person) }
            return true
        }
        return found
    }
}

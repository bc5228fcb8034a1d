import ByteText
import CardCryptography
import CardData
import Foundation
import GRDB
import Lifecycle

/// 姓名前缀索引: by which persons are found by how their name begins, while names lie sealed.
///
/// A keyed hash lets the first two characters of each name fall into one of 1,024 buckets. The names of a bucket and whose they are
/// lie sealed together, some forty on a page (``NamePage``); whoever searches opens the pages of a bucket and keeps the names that
/// begin so. It is no view: it is made of names and the look-up key, and can be made again at any time.
///
/// What it tells without the key: how many pages a bucket has, which is how many names fall into it, to within a page. Many beginnings
/// share each; only one that is much more frequent than one in a thousand makes its bucket stand out. Whose names these are, and which
/// persons share a bucket, is not told. Fewer buckets would tell less still, and every search would open more.
///
/// Sealed one by one, each name costs more than its cipher in getting ready for it, and a search for names that nobody has opens
/// thousands.
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

    /// Makes the table where it is missing, and fills it from the names that are there; the indexes of older programs go.
    func prepare(_ database: Database) throws {
        guard try !database.tableExists("name_pages") else { return }
        try database.execute(
            sql: """
                DROP TABLE IF EXISTS name_buckets;
                DROP TABLE IF EXISTS name_index;
                CREATE TABLE name_pages (place INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT
                """)
        let opener = try sealing.nameOpener()
        // The page of each bucket that is not full yet; the others are in the table.
        var begun: [Int64: (place: Int64, page: NamePage)] = [:]
        try database.forEachRow("SELECT person, name, sealed_at FROM persons") { row in
            let event = EventIdentifier(counter: counter, sequence: UInt64(clamping: row.integer(2)))
            // A name that cannot be opened is found by number, and by whoever verifies the log.
            guard let name = try? row.withBytes(1, { try opener.open($0, from: event) }),
                let bucket = try bucket(of: name), let person = PersonReference(bytes: row.bytes(0))
            else { return true }
            var (place, page) = begun[bucket] ?? (Self.places(of: bucket).lowerBound, NamePage())
            page.append(NamePage.Entry(name: name, person: person))
            if page.isFull {
                try put(page, at: place, in: database)
                (place, page) = (place + 1, NamePage())
            }
            begun[bucket] = (place, page)
            return true
        }
        for (place, page) in begun.values where !page.bytes.isEmpty { try put(page, at: place, in: database) }
    }

    /// Makes the table again.
    func remake(_ database: Database) throws {
        try database.execute(sql: "DROP TABLE IF EXISTS name_pages")
        try prepare(database)
    }

    /// Notes a person's name in place of the one before.
    func replace(_ old: String?, with name: String, of person: PersonReference, in database: Database) throws {
        guard old != name else { return }
        if let old { try remove(person, named: old, in: database) }
        guard let bucket = try bucket(of: name) else { return }
        let newest = try database.first(
            "SELECT place, sealed FROM name_pages WHERE place BETWEEN ? AND ? ORDER BY place DESC LIMIT 1",
            .integer(Self.places(of: bucket).lowerBound), .integer(Self.places(of: bucket).upperBound)
        ) { (place: $0.integer(0), sealed: $0.bytes(1)) }
        var (place, page) = (Self.places(of: bucket).lowerBound, NamePage())
        if let newest {
            (place, page) = (newest.place, NamePage(bytes: try sealing.open(page: newest.sealed, at: newest.place)))
            if page.isFull { (place, page) = (place + 1, NamePage()) }
        }
        page.append(NamePage.Entry(name: name, person: person))
        try put(page, at: place, in: database)
    }

    private func remove(_ person: PersonReference, named name: String, in database: Database) throws {
        guard let bucket = try bucket(of: name) else { return }
        var found: (place: Int64, page: NamePage)?
        try forEachPage(of: bucket, in: database) { row in
            let entries = NamePage(bytes: try sealing.open(page: row.bytes(1), at: row.integer(0))).entries ?? []
            guard entries.contains(where: { $0.person == person }) else { return true }
            var page = NamePage()
            for entry in entries where entry.person != person { page.append(entry) }
            found = (row.integer(0), page)
            return false
        }
        guard let (place, page) = found else { return }
        if page.bytes.isEmpty {
            try database.run("DELETE FROM name_pages WHERE place = ?", .integer(place))
        } else {
            try put(page, at: place, in: database)
        }
    }

    /// The persons whose name begins so, no more than a limit, in the order of their references.
    func find(_ beginning: String, limit: Int, in database: Database) throws -> [PersonReference] {
        guard let bucket = try bucket(of: beginning) else { return [] }
        let opener = try sealing.pageOpener()
        var found: [[UInt8]] = []
        try forEachPage(of: bucket, in: database) { row in
            try row.withBytes(1) { sealed in
                try opener.open(sealed, at: row.integer(0)) { name, person in
                    if name.hasPrefix(beginning) { found.append(person.withUnsafeBufferPointer { Array($0) }) }
                }
            }
            return true
        }
        return found.sorted { $0.lexicographicallyPrecedes($1) }.prefix(limit).compactMap(PersonReference.init)
    }

    /// The places of a bucket's pages, from the first.
    private static func places(of bucket: Int64) -> ClosedRange<Int64> { bucket << 32...(bucket + 1) << 32 - 1 }

    private func forEachPage(of bucket: Int64, in database: Database, body: (StoredRow) throws -> Bool) throws {
        let places = Self.places(of: bucket)
        try database.forEachRow(
            "SELECT place, sealed FROM name_pages WHERE place BETWEEN ? AND ? ORDER BY place",
            .integer(places.lowerBound), .integer(places.upperBound), body: body)
    }

    private func put(_ page: NamePage, at place: Int64, in database: Database) throws {
        try database.run(
            "INSERT OR REPLACE INTO name_pages (place, sealed) VALUES (?, ?)", .integer(place),
            .bytes(try sealing.seal(page: page.bytes, at: place)))
    }
}

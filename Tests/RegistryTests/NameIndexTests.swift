import CardData
import Foundation
import GRDB
import Lifecycle
import Testing

@testable import Registry

/// Persons are found by how their name begins, and the file tells nobody their names.
@Suite struct NameIndexTests {
    private func found(_ beginning: String, in registry: Registry, limit: Int = 20) throws -> [String] {
        try registry.lookUpPersons(nameBeginning: beginning, limit: limit, purpose: .inquiry, handledBy: Office.teller)
            .matches.map(\.person.name.text).sorted()
    }

    private func fill(_ registry: Registry) throws {
        for (serial, name) in [(11, "王小明"), (13, "王小红"), (15, "王大力"), (17, "阿卜杜拉买买提"), (19, "欧阳修")] {
            try registry.register(Office.person(serial, name: name), handledBy: Office.teller)
        }
    }

    @Test func aNameIsFoundByItsBeginningOfTwoCharactersOrMore() throws {
        let office = Office()
        let registry = try office.open()
        try fill(registry)
        #expect(try found("王小", in: registry) == ["王小明", "王小红"].sorted())
        #expect(try found("王小明", in: registry) == ["王小明"])
        #expect(try found("阿卜", in: registry) == ["阿卜杜拉买买提"])
        #expect(try found("阿卜杜拉买买", in: registry) == ["阿卜杜拉买买提"], "longer than what is hashed")
        #expect(try found("阿卜杜拉提", in: registry).isEmpty)
        #expect(try found("王", in: registry).isEmpty, "one character would tell too much")
        #expect(try found("小明", in: registry).isEmpty)
    }

    @Test func everybodyWhoIsToldWasLookedUpAndNobodyElse() throws {
        let office = Office()
        let registry = try office.open()
        try fill(registry)
        let before = try registry.statistics().events
        let search = try registry.lookUpPersons(
            nameBeginning: "王小", limit: 1, purpose: .inquiry, handledBy: Office.teller)
        #expect(search.matches.count == 1 && search.hasMore)
        #expect(try registry.statistics().events == before + 1)
        _ = try found("王小", in: registry)
        #expect(try registry.statistics().events == before + 3)
        _ = try found("赵钱", in: registry)
        let last = try #require(try registry.event(at: UInt64(before + 4)))
        guard case .personLookedUp(_, .inquiry, found: false) = last.body.act else {
            Issue.record("a search that found nobody is no event: \(last.body.act)")
            return
        }
    }

    @Test func aChangedNameIsFoundInsteadOfTheOldOne() throws {
        let office = Office()
        let registry = try office.open()
        try registry.register(Office.person(11, name: "王小明"), handledBy: Office.teller)
        try registry.register(Office.person(11, name: "李小明"), handledBy: Office.teller)
        #expect(try found("王小", in: registry).isEmpty)
        #expect(try found("李小", in: registry) == ["李小明"])
        _ = try registry.takeIn([Office.person(11, name: "周小明")], batch: nil, handledBy: Office.teller)
        #expect(try found("李小", in: registry).isEmpty)
        #expect(try found("周小", in: registry) == ["周小明"])
        let entries = try pages(of: registry).flatMap(\.entries)
        #expect(entries.map(\.name) == ["周小明"], "what belonged to the old names is gone")
    }

    @Test func theIndexIsMadeAgainFromWhatIsSealed() throws {
        let office = Office()
        var registry: Registry? = try office.open()
        try fill(try #require(registry))
        let hash = try registry?.canonicalDumpHash()
        try registry?.rebuild()
        #expect(try registry?.canonicalDumpHash() == hash)
        #expect(try found("欧阳", in: try #require(registry)) == ["欧阳修"])
        try registry?.close()
        registry = nil
        // As a program before the index left it.
        try DatabaseQueue(path: office.path + "/registry.sqlite").write {
            try $0.execute(
                sql: Office.rowsInOutbox() + "DROP TABLE name_pages; DROP TABLE card_counts; PRAGMA user_version = 2")
        }
        #expect(try found("欧阳", in: office.open()) == ["欧阳修"])
    }

    /// The index of before, whose rows told more, goes with what stood in it; the log stays as it was.
    @Test(arguments: [
        (
            """
            PRAGMA user_version = 3;
            CREATE TABLE name_buckets (
                bucket INTEGER NOT NULL, person BLOB NOT NULL, PRIMARY KEY (bucket, person)
            ) STRICT, WITHOUT ROWID
            """, "INSERT INTO name_buckets VALUES (7, ?)"
        ),
        (
            """
            CREATE TABLE name_index (
                bucket INTEGER NOT NULL, person BLOB NOT NULL, name BLOB NOT NULL, sealed_at INTEGER NOT NULL,
                PRIMARY KEY (bucket, person)
            ) STRICT, WITHOUT ROWID
            """, "INSERT INTO name_index VALUES (7, ?, x'01', 1)"
        ),
    ])
    func theIndexOfAnOlderProgramIsReplacedAndNothingOfItStaysInTheFile(schema: String, row: String) throws {
        let office = Office()
        var registry: Registry? = try office.open()
        try fill(try #require(registry))
        let hash = try registry?.canonicalDumpHash()
        let head = try registry?.verify().head
        try registry?.close()
        registry = nil
        let file = office.path + "/registry.sqlite"
        let mark = Data(repeating: 0xA7, count: 32)
        func marks() -> Int {
            ["", "-wal"].reduce(0) { count, end in
                let bytes = (try? Data(contentsOf: URL(filePath: file + end))) ?? Data()
                return count + (bytes.range(of: mark) == nil ? 0 : 1)
            }
        }
        let old = try DatabaseQueue(path: file)
        try old.write {
            try $0.execute(
                sql: """
                    \(Office.rowsInOutbox()) DROP TABLE name_pages; PRAGMA user_version = 5; \(schema)
                    """)
            try $0.execute(sql: row, arguments: [mark])
        }
        try old.close()
        #expect(marks() == 1, "the search itself finds what is there")
        registry = try office.open()
        #expect(try found("欧阳", in: try #require(registry)) == ["欧阳修"])
        #expect(try found("王小", in: try #require(registry)) == ["王小明", "王小红"].sorted())
        let isLeft = try registry?.reading { try $0.tableExists("name_buckets") || $0.tableExists("name_index") }
        #expect(isLeft == false)
        #expect(try registry?.canonicalDumpHash() == hash)
        // The look-ups come after it.
        #expect(try registry?.event(at: 6)?.event.previous == head)
        #expect(try registry?.verify().isGood == true)
        try registry?.close()
        #expect(marks() == 0)
    }

    /// Every page with its bucket and what lies sealed in it, in their order.
    private func pages(of registry: Registry) throws -> [(bucket: Int64, entries: [NamePage.Entry])] {
        try registry.reading { database in
            try Row.fetchAll(database, sql: "SELECT place, sealed FROM name_pages ORDER BY place").map { row in
                let page = try registry.sealing.open(page: Array(row[1] as Data), at: row[0])
                return (row[0] as Int64 >> 32, try #require(NamePage(bytes: page).entries))
            }
        }
    }

    @Test func everyPersonStandsOnceInTheBucketOfTheNameAndNoRowTellsWho() throws {
        let office = Office()
        let registry = try office.open()
        try fill(registry)
        let names = registry.names
        #expect(try names.bucket(of: "王小明") == names.bucket(of: "王小红"))
        #expect(try names.bucket(of: "阿卜杜拉买买提") == names.bucket(of: "阿卜"))
        #expect(try names.bucket(of: "王") == nil)
        let pages = try pages(of: registry)
        let entries = pages.flatMap(\.entries)
        #expect(entries.map(\.name).sorted() == ["王小明", "王小红", "王大力", "阿卜杜拉买买提", "欧阳修"].sorted())
        #expect(Set(entries.map(\.person)).count == 5)
        for page in pages {
            for entry in page.entries { #expect(try names.bucket(of: entry.name) == page.bucket, "\(entry.name)") }
        }
        let columns = try registry.reading { try Row.fetchAll($0, sql: "SELECT * FROM name_pages").map(\.columnNames) }
        #expect(columns.allSatisfy { Array($0) == ["place", "sealed"] })
        let stored = try registry.reading { try Data.fetchAll($0, sql: "SELECT sealed FROM name_pages") }
        for entry in entries {
            let isOpen = stored.contains {
                $0.range(of: Data(entry.person.bytes)) != nil || $0.range(of: Data(entry.name.utf8)) != nil
            }
            #expect(!isOpen, "\(entry.name)")
        }
    }

    /// More of one name than a page takes: all are found, in whatever order they came, told in the order of their references.
    @Test func aFrequentNameFillsSeveralPagesAndIsFoundOnAll() throws {
        let office = Office()
        let registry = try office.open()
        let people = try (0..<150).map { try Office.person(11 + $0 * 2, name: "王小明") }
        _ = try registry.takeIn(people, batch: nil, handledBy: Office.teller)
        let references = try people.map { try registry.reference(of: $0.number) }
        let pages = try pages(of: registry)
        #expect(pages.count == 4 && Set(pages.map(\.bucket)).count == 1, "of 43 bytes each, 1,900 and one more a page")
        let search = try registry.lookUpPersons(
            nameBeginning: "王小明", limit: 200, purpose: .inquiry, handledBy: Office.teller)
        let ordered = references.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        #expect(search.matches.map(\.reference) == ordered)
        try registry.register(try Office.person(11, name: "李小明"), handledBy: Office.teller)
        try registry.register(try Office.person(11 + 149 * 2, name: "李小红"), handledBy: Office.teller)
        #expect(try found("王小明", in: registry, limit: 200).count == 148, "one left the first page, one the last")
        #expect(try found("李小", in: registry) == ["李小明", "李小红"].sorted())
        try registry.rebuild()
        #expect(try found("王小明", in: registry, limit: 200).count == 148)
        #expect(try found("李小", in: registry) == ["李小明", "李小红"].sorted())
    }

    @Test func aPageThatWasChangedOrMovedIsNotReadAndTheIndexIsMadeAgain() throws {
        for sql in [
            "UPDATE name_pages SET sealed = CAST(substr(sealed, 1, length(sealed) - 1) || x'00' AS BLOB)",
            "UPDATE name_pages SET place = place + 1", "UPDATE name_pages SET sealed = x''",
        ] {
            let office = Office()
            let registry = try office.open()
            try registry.register(Office.person(11, name: "王小明"), handledBy: Office.teller)
            try registry.pool.write { try $0.execute(sql: sql) }
            #expect(throws: RegistryError.inconsistent("name index"), "\(sql)") { try found("王小", in: registry) }
            #expect(throws: RegistryError.inconsistent("name index"), "\(sql)") {
                try registry.register(Office.person(11, name: "王小红"), handledBy: Office.teller)
            }
            try registry.rebuild()
            #expect(try found("王小", in: registry) == ["王小明"])
        }
    }

    /// 20,480 beginnings in 1,024 buckets: about twenty in each, so that a bucket is no beginning's own.
    @Test func everyBucketIsSharedByManyBeginningsAndWhatIsInItIsNoName() throws {
        let office = Office()
        let registry = try office.open()
        let names = registry.names
        var buckets: [Int64: [String]] = [:]
        for scalar in 0x4E00..<0x9E00 {
            let name = "王" + String(UnicodeScalar(UInt32(scalar)).map(Character.init) ?? "小")
            buckets[try #require(try names.bucket(of: name)), default: []].append(name)
        }
        #expect(buckets.count == Int(NameIndex.bucketCount) && buckets.keys.allSatisfy { (0..<1024).contains($0) })
        // Of so many buckets none holds fewer than two, but under one key in twenty thousand.
        #expect(buckets.values.map(\.count).min() ?? 0 > 1)
        let shared = try #require(buckets.values.first)
        for (serial, name) in shared.prefix(2).enumerated() {
            try registry.register(Office.person(21 + serial * 2, name: name), handledBy: Office.teller)
        }
        #expect(try found(shared[0], in: registry) == [shared[0]])
        let other = try Office().open()
        #expect(
            try shared.contains { try other.names.bucket(of: $0) != names.bucket(of: $0) }, "another key, other buckets"
        )
    }

    @Test func whatTheLogSaysOfASearchForNobodyIsNoBucket() throws {
        let office = Office()
        let registry = try office.open()
        let names = registry.names
        var same = 0
        for scalar in 0x4E00..<0x4F00 {
            let name = "王" + String(UnicodeScalar(UInt32(scalar)).map(Character.init) ?? "小")
            let told = try #require(try names.nobody(name)).bytes.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            if Int64(told % NameIndex.bucketCount) == (try names.bucket(of: name)) { same += 1 }
        }
        #expect(same < 10, "a fourth of one is what chance gives")
    }
}

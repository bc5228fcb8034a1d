import ByteText
import CardCryptography
import CardData
import Foundation
import GRDB
import Lifecycle
import Testing

@testable import Registry

/// Backups that an older program made.
extension BackupTests {
    private static let schema2 =
        Office.rowsInOutbox() + """
            DROP TABLE card_counts;
            DROP TABLE name_pages; PRAGMA user_version = 2;
            """
    private static let schema3 =
        Office.rowsInOutbox() + """
            DROP TABLE name_pages; PRAGMA user_version = 3;
            CREATE TABLE name_buckets (bucket INTEGER NOT NULL, person BLOB NOT NULL, PRIMARY KEY (bucket, person)) STRICT;
            INSERT INTO name_buckets SELECT 1, person FROM persons;
            """

    /// Turns a backup into one that an older program made, signed by its counter; `views` as that program had hashed them.
    private func makeOld(
        _ backup: RegistryBackup, of registry: Registry, _ sql: String = schema2,
        views: [UInt8] = [UInt8](repeating: 7, count: 32)
    ) throws {
        let file = backup.path + "/registry.sqlite"
        let copy = try DatabaseQueue(path: file)
        try copy.write {
            try $0.execute(sql: sql)
        }
        try copy.close()
        let (database, length) = try BackupFile.digest(file)
        let was = backup.manifest
        let manifest = BackupManifest(
            counter: was.counter, events: was.events, head: was.head, views: views,
            persons: was.persons, cards: was.cards, madeAt: was.madeAt, database: database, databaseLength: length,
            keys: was.keys, office: nil, verificationKey: was.verificationKey)
        let text = try manifest.text(signedWith: registry.keys.signing)
        try Data(text.utf8).write(to: URL(filePath: backup.path + "/backup.txt"))
    }

    @Test func aBackupOfAnOlderProgramIsGoodAndItsViewsAreMadeAgain() throws {
        let registry = try office.open()
        let card = try registry.issueCard(1, for: try Office.person(11))
        let views = try registry.canonicalDumpHash()
        let fresh = try backUp(registry, "a")
        try makeOld(fresh, of: registry)
        let old = try RegistryBackup(at: fresh.path)
        #expect(old.manifest.events == fresh.manifest.events)
        let data = Office()
        try restore(old, into: data)
        let restored = try data.open()
        #expect(try restored.verify().isGood)
        #expect(try restored.canonicalDumpHash() == views)
        #expect(try restored.card(card)?.state.shown == .normal)
    }

    /// The last program whose cards were one table said the same as this one: its views are compared as they lie.
    @Test func aBackupOfOneTableOfCardsIsComparedAndRestored() throws {
        let registry = try office.open()
        let card = try registry.issueCard(1, for: try Office.person(11))
        let views = try registry.canonicalDumpHash()
        let fresh = try backUp(registry, "a")
        let before = DividedCardsTests.asBefore + "PRAGMA user_version = 12"
        try makeOld(fresh, of: registry, before)
        #expect(throws: RegistryError.backup(.contents(nil)), "views that the manifest does not name") {
            try RegistryBackup(at: fresh.path)
        }
        let second = try backUp(registry, "b")
        try makeOld(second, of: registry, before, views: views)
        let data = Office()
        try restore(RegistryBackup(at: second.path), into: data)
        let restored = try data.open()
        #expect(try restored.canonicalDumpHash() == views)
        #expect(try restored.verify().isGood)
        #expect(try restored.card(card)?.state.shown == .normal)
    }

    /// Views of now are compared; those of before are made again, and the index of names with them.
    @Test func aBackupIsComparedWithItsViewsAndOneOfSchema3FindsPersonsByNameAfterwards() throws {
        let registry = try office.open()
        try registry.issueCard(1, for: try Office.person(11, name: "欧阳修"))
        let views = try registry.canonicalDumpHash()
        let fresh = try backUp(registry, "a")
        try makeOld(fresh, of: registry, "")
        #expect(throws: RegistryError.backup(.contents(nil)), "views that the manifest does not name") {
            try RegistryBackup(at: fresh.path)
        }
        try makeOld(fresh, of: registry, Self.schema3)
        let data = Office()
        try restore(RegistryBackup(at: fresh.path), into: data)
        let restored = try data.open()
        #expect(try restored.canonicalDumpHash() == views)
        #expect(try restored.reading { try $0.tableExists("name_buckets") } == false)
        let search = try restored.lookUpPersons(
            nameBeginning: "欧阳", purpose: .audit, handledBy: Office.teller)
        #expect(search.matches.map(\.person.name.text) == ["欧阳修"])
        #expect(try restored.verify().isGood)
    }

    @Test func theLogOfAnOlderProgramsBackupIsLookedThroughAllTheSame() throws {
        let registry = try office.open()
        try registry.issueCard(1, for: try Office.person(11))
        let backup = try backUp(registry, "a")
        try makeOld(backup, of: registry, Self.schema2 + "UPDATE log SET kind = 1 WHERE sequence = 2;")
        #expect(throws: RegistryError.backup(.contents(.columnsDiffer))) { try RegistryBackup(at: backup.path) }
    }
}

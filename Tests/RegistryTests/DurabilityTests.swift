import CardData
import Foundation
import GRDB
import Lifecycle
import Testing

@testable import Registry

@Suite struct DurabilityTests {
    @Test func theWriterWaitsForTheDisk() throws {
        let office = Office()
        let registry = try office.open()
        let (synchronous, journal) = try registry.pool.writeWithoutTransaction { database in
            (
                try Int.fetchOne(database, sql: "PRAGMA synchronous"),
                try String.fetchOne(database, sql: "PRAGMA journal_mode")
            )
        }
        #expect(synchronous == 2, "FULL; GRDB alone would leave NORMAL, which is 1")
        #expect(journal == "wal")
        let readers = try registry.pool.read { try Int.fetchOne($0, sql: "PRAGMA wal_autocheckpoint") }
        #expect(readers == 0, "readers never checkpoint")
    }

    @Test func committedActsAreThereAfterACrash() throws {
        let office = Office()
        let registry = try office.open()
        let card = try registry.issueCard(1, for: try Office.person(11))
        let hash = try registry.canonicalDumpHash()
        let crashed = try office.copyOfDisk()
        let reopened = try crashed.open()
        #expect(try reopened.canonicalDumpHash() == hash)
        #expect(try reopened.card(card)?.state.shown == .normal)
        try reopened.record(.formalLoss(Office.loss), on: card, handledBy: Office.teller)
        let report = try reopened.verify()
        #expect(report.isGood)
        #expect(report.events == (try registry.verify().events) + 1)
    }

    @Test func aSecondTakerIsTurnedAwayAndTheNextOneIsNot() throws {
        let office = Office()
        var registry: Registry? = try office.open()
        let error = try #require(throws: RegistryError.self, performing: { try office.open() })
        #expect(error == .inUse(directory: office.path, process: "pid \(getpid())"))
        #expect(try registry?.statistics().events == 0)
        registry = nil
        #expect(try office.open().statistics().events == 0)
    }

    @Test func filesBelongToTheirOwnerAlone() throws {
        let office = Office()
        let registry = try office.open()
        try registry.register(try Office.person(11), handledBy: Office.personalizer)
        func mode(_ path: String) throws -> Int {
            try #require(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
        }
        #expect(try mode(office.path) == 0o700)
        for name in ["counter.key", "sealing.key", "look-up.key", "registry.lock"] {
            #expect(try mode(office.path + "/" + name) == 0o600, "\(name)")
        }
    }

    @Test func aFolderThatHoldsSomethingElseIsRefusedByNameAndLeftAsItWas() throws {
        let office = Office()
        let files = FileManager.default
        try files.createDirectory(
            atPath: office.path + "/journal", withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o755])
        try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: office.path)
        let names = ["a.card", "b\nc", "d", "e", "f", "g", "h"]
        for name in names { #expect(files.createFile(atPath: office.path + "/" + name, contents: Data())) }
        let error = try #require(throws: RegistryError.self) { try office.open() }
        #expect(error == .foreignFiles(office.path, names: names), "the journals are not foreign")
        #expect(error.faults.first?.parameters["files"] == "a.card, b?c, d, e, f, … +2")
        #expect(try files.attributesOfItem(atPath: office.path)[.posixPermissions] as? Int == 0o755)
        #expect(try files.contentsOfDirectory(atPath: office.path).count == 8)
        for name in names { try files.removeItem(atPath: office.path + "/" + name) }
        #expect(try office.open().statistics().events == 0)
    }

    @Test func aLogIsNotOpenedWithoutItsKeysNorWithOnesThatOthersCanRead() throws {
        let office = Office()
        _ = try office.open()
        let key = office.path + "/sealing.key"
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: key)
        #expect(throws: RegistryError.keyFileUnfit(key)) { try office.open() }
        try FileManager.default.removeItem(atPath: key)
        #expect(throws: RegistryError.keyMissing(key)) { try office.open() }
    }

    @Test func anotherCountersRegistryIsRefused() throws {
        let office = Office()
        _ = try office.open(counter: 7)
        #expect(throws: RegistryError.anotherCounter(found: 7, expected: 8)) { try office.open(counter: 8) }
    }

    @Test func noPersonsNumberOrNameStandsAnywhereOnTheDisk() throws {
        let office = Office()
        let registry = try office.open()
        let person = try Office.person(11, name: "赵钱孙李")
        let card = try registry.issueCard(1, for: person)
        _ = try registry.lookUpPerson(person.number, purpose: .inquiry, handledBy: Office.teller)
        try registry.register(try Office.person(11, name: "赵钱孙"), handledBy: Office.personalizer)
        let planted: [Data] = [
            Data(person.number.text.utf8), Data(person.number.text.prefix(17).utf8),
            Data(person.number.text.dropFirst(6).prefix(8).utf8), Data("赵钱".utf8), Data(person.name.mainBytes),
        ]
        let visible = Data(try #require(try registry.card(card)?.facts).number.text.utf8)
        var sawNumberOfCard = false
        for name in try FileManager.default.contentsOfDirectory(atPath: office.path) {
            let bytes = try Data(contentsOf: URL(filePath: office.path + "/" + name))
            for value in planted { #expect(bytes.range(of: value) == nil, "\(name)") }
            if bytes.range(of: visible) != nil { sawNumberOfCard = true }
        }
        #expect(sawNumberOfCard, "the search itself finds what is there")
    }
}

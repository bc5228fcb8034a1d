import Foundation
import GRDB
import Lifecycle
import Testing

@testable import Registry

/// A damaged registry is not worked with: it is found at the start.
@Suite struct StartCheckTests {
    private func filled(_ office: Office) throws {
        let registry = try office.open()
        for serial in 1...3 { try registry.register(try Office.person(serial * 2 + 9), handledBy: Office.teller) }
        try registry.close()
    }

    private func fill(_ office: Office, events: Int) throws {
        let registry = try office.open()
        let person = try registry.reference(of: Office.person(11).number)
        let entry = ActEntry(.personLookedUp(person, purpose: .audit, found: false), handledBy: Office.teller)
        try registry.record(Array(repeating: entry, count: events))
        try registry.close()
    }

    private func change(_ office: Office, _ sql: String) throws {
        try DatabaseQueue(path: office.path + "/registry.sqlite").write { try $0.execute(sql: sql) }
    }

    @Test func aChangedEndOfTheLogIsFoundBeforeTheFirstAct() throws {
        for sql in [
            "UPDATE log SET kind = 3 WHERE sequence = 2", "DELETE FROM log WHERE sequence = 2",
            "UPDATE log SET event = x'00' WHERE sequence = 3",
            "UPDATE log SET event = CAST(substr(event, 1, length(event) - 1) || x'00' AS BLOB) WHERE sequence = 3",
        ] {
            let office = Office()
            try filled(office)
            try change(office, sql)
            #expect(throws: RegistryError.self, "\(sql)") { try office.open() }
        }
    }

    @Test func theCheckBeginsAtTheEventsBeforeTheEnd() throws {
        let office = Office()
        try fill(office, events: 300)
        #expect(StartCheck.eventCount < 290)
        try change(office, "UPDATE log SET kind = 3 WHERE sequence = 290")
        #expect(throws: RegistryError.damaged(sequence: 290)) { try office.open() }
    }

    @Test func onlyAKilledProcessLeavesItsNameInTheLock() throws {
        let office = Office()
        func owner() throws -> String {
            try String(contentsOfFile: office.path + "/registry.lock", encoding: .utf8)
        }
        do {
            let registry = try office.open()
            #expect(try owner() == "pid \(getpid())\n")
            #expect(try registry.statistics().events == 0)
            #expect(try office.copyOfDisk().open().statistics().events == 0, "a copy of the disk, as a crash leaves it")
        }
        #expect(try owner().isEmpty)
    }

    /// Pages that no act reads are looked at after a crash: here a free page's neighbour, an index, loses its header.
    @Test func tornPagesAreFoundAfterACrash() throws {
        let office = Office()
        try filled(office)
        let path = office.path + "/registry.sqlite"
        let root = try DatabaseQueue(path: path).read { database in
            try Int.fetchOne(database, sql: "SELECT rootpage FROM sqlite_schema WHERE name = 'stock_owner'")
        }
        var bytes = try Data(contentsOf: URL(filePath: path))
        let page = (try #require(root) - 1) * 4096
        bytes.replaceSubrange(page..<page + 8, with: Data(repeating: 0xFF, count: 8))
        try bytes.write(to: URL(filePath: path))
        #expect(try office.open().statistics().events == 3, "a clean end is trusted")
        try "pid 1\n".write(toFile: office.path + "/registry.lock", atomically: true, encoding: .utf8)
        #expect(throws: RegistryError.self) { try office.open() }
    }
}

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

    /// A page that no act reads, an index's, loses its header.
    private func tear(_ office: Office) throws {
        let path = office.path + "/registry.sqlite"
        let root = try DatabaseQueue(path: path).read { database in
            try Int.fetchOne(database, sql: "SELECT rootpage FROM sqlite_schema WHERE name = 'stock_owner'")
        }
        var bytes = try Data(contentsOf: URL(filePath: path))
        let page = (try #require(root) - 1) * 4096
        bytes.replaceSubrange(page..<page + 8, with: Data(repeating: 0xFF, count: 8))
        try bytes.write(to: URL(filePath: path))
    }

    /// Pages that no act reads are looked at after a crash, and until then nothing is written.
    @Test func tornPagesAreFoundAfterACrash() async throws {
        let office = Office()
        try filled(office)
        try tear(office)
        #expect(try office.open().statistics().events == 3, "a clean end is trusted")
        let lock = office.path + "/registry.lock"
        try "pid 1\n".write(toFile: lock, atomically: true, encoding: .utf8)
        do {
            let registry = try office.open()
            // An act waits until every page was looked at.
            let fault = try #require(
                #expect(throws: RegistryError.self) {
                    try registry.register(try Office.person(31), handledBy: Office.teller)
                })
            guard case .store(code: 11, let message) = fault, message.hasPrefix("quick_check: ") else {
                Issue.record("\(fault)")
                return
            }
            #expect(throws: fault) { try registry.statistics() }
            #expect(throws: fault) { try registry.verify() }
            #expect(throws: fault) { try registry.rebuild() }
            var told: [RegistryError] = []
            for await fault in registry.pageFaults { told.append(fault) }
            #expect(told == [fault])
        }
        #expect(try String(contentsOfFile: lock, encoding: .utf8) == "pid \(getpid())\n", "the next start looks again")
        #expect(throws: RegistryError.self) {
            try office.open().register(try Office.person(31), handledBy: Office.teller)
        }
        let through = try Registry.open(at: office.path, counter: 7, policy: .load(), startCheck: false) { 0 }
        #expect(try through.verify().events == 3, "the log can still be looked through")
    }

    /// After a clean end they are looked at as well where somebody asks for it; a fault is remembered for the next start.
    @Test func tornPagesAreFoundAfterACleanEndWhereTheyAreLookedAt() async throws {
        let office = Office()
        try filled(office)
        let lock = office.path + "/registry.lock"
        do {
            let registry = try office.open()
            #expect(registry.pageStanding == .unchecked)
            registry.checkPages()
            for await fault in registry.pageFaults { Issue.record("\(fault)") }
            #expect(registry.pageStanding == .good)
        }
        #expect(try String(contentsOfFile: lock, encoding: .utf8).isEmpty, "a clean end")
        try tear(office)
        do {
            let registry = try office.open()
            registry.checkPages()
            registry.checkPages()
            var told: [RegistryError] = []
            for await fault in registry.pageFaults { told.append(fault) }
            guard case .store(code: 11, _)? = told.first, told.count == 1 else {
                Issue.record("\(told)")
                return
            }
            #expect(throws: told[0]) { try registry.statistics() }
            #expect(throws: told[0]) { try registry.verify() }
        }
        #expect(try !String(contentsOfFile: lock, encoding: .utf8).isEmpty, "no clean end: the next start looks again")
        let again = try office.open()
        #expect(throws: RegistryError.self) { try again.verify() }
    }

    @Test func afterACrashWithEveryPageInOrderActsAreRecordedAndTheNextStartIsClean() async throws {
        let office = Office()
        try filled(office)
        let lock = office.path + "/registry.lock"
        try "pid 1\n".write(toFile: lock, atomically: true, encoding: .utf8)
        do {
            let registry = try office.open()
            #expect(try registry.statistics().events == 3, "answered while pages are looked at")
            try registry.register(try Office.person(31), handledBy: Office.teller)
            for await fault in registry.pageFaults { Issue.record("\(fault)") }
            #expect(try registry.verify().isGood)
        }
        #expect(try String(contentsOfFile: lock, encoding: .utf8).isEmpty)
    }

    /// Whoever lets go of a registry does not wait for the check, which then says neither that the file is in order nor that it is not.
    @Test func aCheckThatIsCalledOffSaysNothing() throws {
        let office = Office()
        try filled(office)
        let registry = try office.open()
        let file = office.path + "/registry.sqlite"
        let whole = PageCheck(path: file)
        #expect(whole.run() && whole.fault == nil)
        let calledOff = PageCheck(path: file)
        calledOff.askToEnd()
        #expect(!calledOff.run() && calledOff.fault == nil)
        calledOff.callOff()
        let missing = PageCheck(path: office.path + "/nowhere.sqlite")
        #expect(!missing.run() && missing.fault != nil, "what cannot be looked at is not in order")
        try registry.close()
    }
}

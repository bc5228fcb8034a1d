import CardData
import Foundation
import GRDB
import Lifecycle
import Testing

@testable import Registry

@Suite struct CheckingTests {
    private func busyOffice() throws -> (Office, Registry) {
        let office = Office()
        let registry = try office.open()
        let card = try registry.issueCard(1, for: try Office.person(11))
        let loss = try registry.record(.temporaryLoss(Office.loss), on: card, handledBy: Office.teller)
        try registry.record([
            ActEntry(.released([loss.identifier]), on: card, handledBy: Office.teller),
            ActEntry(.held(.court), on: card, handledBy: Office.teller),
            ActEntry(.formalLoss(Office.loss), on: card, handledBy: Office.teller),
        ])
        try registry.makeCard(2, for: try Office.person(13))
        try registry.record(
            .spoiled(Spoilage(.printingFailed, number: nil, blankSerial: [2])), on: try Office.card(2),
            handledBy: Office.personalizer)
        try registry.record(.cancelled(.death), on: card, handledBy: Office.teller)
        return (office, registry)
    }

    private func change(_ registry: Registry, _ sql: String, _ arguments: StatementArguments = []) throws {
        try registry.pool.write { try $0.execute(sql: sql, arguments: arguments) }
    }

    @Test func rebuildingGivesTheSameViews() throws {
        let (_, registry) = try busyOffice()
        let before = try registry.canonicalDumpHash()
        #expect(try registry.rebuild() == before)
        #expect(try registry.canonicalDumpHash() == before)
        #expect(try registry.verify().isGood)
    }

    @Test func changedViewsAreFoundAndRebuildingMendsThem() throws {
        let (_, registry) = try busyOffice()
        let good = try registry.canonicalDumpHash()
        for sql in [
            "UPDATE card_states SET status = 1", "DELETE FROM card_facts", "DELETE FROM card_states",
            "UPDATE persons SET name = x'00'",
            "UPDATE numbers SET state = 1",
        ] {
            try change(registry, sql)
            #expect(try registry.verify().problem == .viewsDiffer, "\(sql)")
            #expect(try registry.rebuild() == good, "\(sql)")
        }
        #expect(try registry.verify().isGood)
    }

    @Test func everyFlippedByteOfEveryEventIsFoundAtItsPlaceOrTheNext() throws {
        let (_, registry) = try busyOffice()
        let events = try registry.log(limit: 1000)
        let checked = LogCheck(registry: registry)
        for event in events {
            let sequence = event.event.identifier.sequence
            for position in event.bytes.indices {
                var bytes = event.bytes
                bytes[position] ^= 0x04
                let found = try checked.withEvent(sequence, replacedBy: bytes)
                let expected = sequence...min(sequence + 1, UInt64(events.count))
                #expect(found.map { expected.contains($0) } == true, "event \(sequence), byte \(position)")
            }
        }
        #expect(try registry.verify().isGood, "every change was taken back")
    }

    @Test func missingEventsAreFound() throws {
        let (office, original) = try busyOffice()
        // A registry that nobody holds any more is closed at a moment of its own, in the middle of a copy of its folder.
        try withExtendedLifetime(original) {
            for sequence in [1, 5] {
                let registry = try office.copyOfDisk().open()
                try change(registry, "DELETE FROM log WHERE sequence = ?", [sequence])
                let report = try registry.verify()
                #expect(report.problem == .gap)
                #expect(report.position == UInt64(sequence))
            }
            let registry = try office.copyOfDisk().open()
            try change(registry, "DELETE FROM log WHERE sequence = (SELECT max(sequence) FROM log)")
            #expect(try registry.verify().problem == .viewsDiffer)
        }
    }

    @Test func anEndThatNobodySignedIsFound() throws {
        let (_, registry) = try busyOffice()
        // Events 8…10 were one commit: 10 alone is signed.
        let signatures = try registry.log(limit: 1000).map(\.event.signature.algorithm)
        let unsigned = try #require(signatures.firstIndex(of: 0)) + 1
        try change(registry, "DELETE FROM log WHERE sequence > ?", [unsigned])
        let report = try registry.verify()
        #expect(report.problem == .endUnsigned)
        #expect(report.position == UInt64(unsigned))
    }

    @Test func columnsThatDisagreeWithTheirEventAreFound() throws {
        let (_, registry) = try busyOffice()
        try change(registry, "UPDATE log SET kind = 1 WHERE sequence = 3")
        let report = try registry.verify()
        #expect(report.problem == .columnsDiffer)
        #expect(report.position == 3)
    }

    @Test func aDamagedLogLeavesTheViewsAsTheyAre() throws {
        let (_, registry) = try busyOffice()
        let before = try registry.canonicalDumpHash()
        try change(registry, "UPDATE log SET event = x'00' WHERE sequence = 4")
        #expect(throws: RegistryError.damaged(sequence: 4)) { try registry.rebuild() }
        #expect(try registry.canonicalDumpHash() == before)
    }

    @Test func aSealedFieldMovedToAnotherEventDoesNotOpen() throws {
        let (_, registry) = try busyOffice()
        let number = try Office.person(11).number
        try change(registry, "UPDATE persons SET sealed_at = sealed_at + 1")
        #expect(throws: RegistryError.self) {
            try registry.lookUpPerson(number, purpose: .inquiry, handledBy: Office.teller)
        }
    }

    @Test func theStoreItselfRefusesASecondCardForAPerson() throws {
        let office = Office()
        let registry = try office.open()
        try registry.makeCard(1, for: try Office.person(11))
        #expect(throws: DatabaseError.self) {
            try change(
                registry,
                """
                INSERT INTO card_facts (reference, person, social)
                SELECT x'00112233445566778899AABBCCDDEEFF', person, social FROM card_facts
                """)
        }
    }
}

/// Puts other bytes in an event's place, looks, and puts the right ones back.
private struct LogCheck {
    let registry: Registry

    /// Where the log is found bad with these bytes; nil when it is found good.
    func withEvent(_ sequence: UInt64, replacedBy bytes: [UInt8]) throws -> UInt64? {
        var found: UInt64?
        try registry.pool.writeWithoutTransaction { database in
            try database.inTransaction {
                try database.execute(
                    sql: "UPDATE log SET event = ? WHERE sequence = ?",
                    arguments: [Data(bytes), Int64(sequence)])
                var verification = LogVerification(counter: registry.counter, key: registry.verificationKey)
                found = try verification.run(on: database)?.position
                return .rollback
            }
        }
        return found
    }
}

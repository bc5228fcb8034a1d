import CardData
import GRDB
import Lifecycle
import Testing

@testable import Registry

/// Nothing is signed that could not be read again, and nothing that somebody else wrote into the log ends the program.
@Suite struct ReadableLogTests {
    @Test func aFieldThatIsTooLongForTheLogIsRefused() throws {
        let office = Office()
        let registry = try office.open()
        let person = try registry.register(Office.person(1), handledBy: Office.teller)
        let long = String(repeating: "B", count: 65_540)
        let facts = ApplicationFacts(person: person, kind: .first, way: .instant, channel: .counter, batch: long)
        #expect(throws: RegistryError.self) { try registry.record(.submitted(facts), handledBy: Office.teller) }
        // A journal's name has no rule of its own.
        #expect(throws: RegistryError.inconsistent("event body of card-number-reserved")) {
            try registry.reserveCardNumber(for: long, handledBy: Office.personalizer)
        }
        #expect(try registry.verify().isGood)
        #expect(try registry.log().count == 1)
    }

    @Test func aPlaceBelowTheFirstIsDamage() throws {
        let office = Office()
        let registry = try office.open()
        _ = try registry.register(Office.person(1), handledBy: Office.teller)
        try registry.pool.write { database in
            for trigger in try String.fetchAll(database, sql: "SELECT name FROM sqlite_master WHERE type = 'trigger'") {
                try database.execute(sql: "DROP TRIGGER \(trigger)")
            }
            try database.execute(sql: "UPDATE log SET sequence = -5")
        }
        #expect(throws: RegistryError.damaged(sequence: UInt64(bitPattern: -5))) {
            try registry.pool.read { try LogReader.head(of: $0) }
        }
    }
}

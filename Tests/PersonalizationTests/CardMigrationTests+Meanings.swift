import ByteText
import CardApplication
import CardData
import CardLayout
import Foundation
import ISO7816
import Personalization
import Testing
import VirtualCard

/// Elements whose meaning a later version changed (file structure V2.0, appendix C), and what a card keeps from its making.
extension CardMigrationTests {
    @Test func aNewMeaningTakesThePlaceOfTheOldOneAndIsFilledWithE() throws {
        let finished = try Finished(
            "national-1.0", values: ["wage": "00001388", "averageWage": "00001000", "wageDate": "20081231"])
        let target = finished.factory.compiled
        let values = ["nationality": "CHN", "politicalStatus": "01"]
        let migration = try migration(finished, to: target, values)
        #expect(migration.obstacles == [])
        try run(finished, to: target, values)
        // 37: CHN and one EE; 38: 01 and two; 39 follows 38, and its wage date would be misread: blank (cn: F).
        #expect(
            try finished.dump()["DF01", "EF0A"]
                == .records([
                    [0x37, 0x04, 0x43, 0x48, 0x4E, 0xEE], [0x38, 0x04, 0x30, 0x31, 0xEE, 0xEE],
                    [0x39, 0x04, 0xFF, 0xFF, 0xFF, 0xFF],
                ]))
        let content = try finished.dump().content(by: target.layout)
        #expect(content["DF01", "EF0A", "nationality"]?.text == "CHN")
        #expect(content["DF01", "EF0A", "politicalStatus"]?.text == "01")
        #expect(content["DF01", "EF0A", "wageDate"] == nil)
        #expect(content.warnings.isEmpty)
        // The companion is on the card now, so its follower may come alone.
        let later = ["partyJoiningDate": "20010701"]
        try run(finished, to: target, later)
        #expect(
            try finished.dump().content(by: target.layout)["DF01", "EF0A", "partyJoiningDate"]?.text == "20010701")
        // And back to the old meaning.
        try run(finished, to: target, ["averageWage": "00002000"])
        let back = try finished.dump().content(by: target.layout)
        #expect(back["DF01", "EF0A", "politicalStatus"] == nil)
        #expect(back["DF01", "EF0A", "partyJoiningDate"] == nil)
        #expect(back["DF01", "EF0A", "nationality"]?.text == "CHN")
    }

    @Test func aFollowerWhoseCompanionHasTheOldMeaningIsRefused() throws {
        let finished = try Finished("national-1.0", values: ["averageWage": "00001000"])
        #expect {
            try migration(finished, to: finished.factory.compiled, ["partyJoiningDate": "20010701"])
        } throws: { error in
            (error as? Faults)?.faults.map(\.code) == ["layout.companion-missing"]
        }
    }

    @Test func versionOneCannotBecomeVersionTwoButChangedMeaningsAreNoReason() throws {
        let library = LayoutLibrary(home: CardFactory.home)
        let old = try library.compiledCard(named: "national-1.0")
        let new = try library.compiledCard(named: "national-2.0")
        let finished = try Finished("national-1.0")
        let migration = try MigrationPlanner(
            from: old, to: new, encoder: PersonImageEncoder(layout: new.layout)
        ).plan(for: finished.dump(), values: finished.factory.person)
        #expect(!migration.isPossible)
        let places = migration.obstacles.map { $0.parameters["place"] ?? "" }
        #expect(!places.contains("DF01/EF0A"), "37, 38 and 39 are rewritten in their records")
        #expect(!places.contains("DF04/EF06"), "90, 92 and 93 likewise")
        #expect(places.contains("SSSE/EF06"), "there is no room for 4E")
        // 4B has four bytes, and its new meaning five.
        #expect(
            migration.obstacles.contains { $0.code == "migrate.tag-meaning" && $0.parameters["tag"] == "4B" })
    }

    @Test func whatWasFixedWhenTheCardWasMadeIsListed() throws {
        let finished = try Finished()
        let target = try extended(
            """
            specificationVersion: "2.00"
            profile: fmcos-ssse
            directories:
              SSSE:
                files:
                  EF0C:
                    title: 地区扩展
                    structure: variable-record
                    read: free
                    write: UKSSSE
                    elements:
                      regionNumber: {tag: EA, title: 地区编号, type: an, length: 04}
              DF02:
                files:
                  EF07: {records: 8}
            """)
        let migration = try migration(finished, to: target)
        #expect(migration.obstacles.map(\.code) == ["migrate.no-room", "migrate.size"])
        // 6 bytes of records and 11 of file header, as the profile has it; rings of 4 and 8 records of 85 + 1 bytes.
        #expect(migration.obstacles[0].parameters["needed"] == "17")
        #expect(migration.obstacles[1].parameters["from"] == "344")
        #expect(migration.obstacles[1].parameters["to"] == "688")
    }
}

import CardApplication
import CardData
import CardLayout
import ISO7816
import Personalization
import Testing
import VirtualCard

/// A GlobalPlatform card pulled while it gets an application or records: finished on re-insertion, byte for byte as without the tear but for
/// the number of secure channels it has seen.
@Suite struct TornApplicationTests {
    static let cases: [(String, String, FaultChannel.Moment)] = ApplicationMigrationTests.profiles.flatMap { profile in
        ["", ApplicationMigrationTests.takesRecords].flatMap { settings in
            FaultChannel.Moment.allCases.map { (profile, settings, $0) }
        }
    }

    private func values(_ settings: String) -> [String: String] {
        // Two applications that stand get a record each, the environment's last.
        let changed = ["DF01.EF08.maritalStatus": "2", "SSSE.EF0C.recognitionCode": "990165000017"]
        return settings.isEmpty
            ? ApplicationMigrationTests.transit : ApplicationMigrationTests.transit.merging(changed) { $1 }
    }

    @Test(arguments: cases)
    func everyCutEndsInAnIdenticalImage(profile: String, settings: String, moment: FaultChannel.Moment) throws {
        let site = try ApplicationMigrationSite(settings, profile: profile)
        let whole = try site.office(site.card(), values(settings))
        defer { whole.close() }
        let steps = try whole.migration().plan.steps
        #expect(steps.count == (settings.isEmpty ? 14 : 26))
        try whole.run()
        let image = whole.card.image(countsChannels: false)
        for cut in steps.indices {
            let office = try site.office(site.card(), values(settings))
            defer { office.close() }
            #expect(throws: PersonalizationError.self, "cut \(cut)") { try office.tear(at: cut, moment) }
            try office.run()
            #expect(
                office.card.image(countsChannels: false) == image, "cut \(cut) \(steps[cut].purpose)")
        }
    }

    /// One engine's cards take no mark at the last block, and are personalised by being selected; blanks are not sent.
    @Test(arguments: FaultChannel.Moment.allCases)
    func everyCutOfACardWithoutALastBlock(moment: FaultChannel.Moment) throws {
        let site = try ApplicationMigrationSite("storeData: {marksLastBlock: false, blankRecords: false}")
        let whole = try site.office(site.card(), ApplicationMigrationTests.transit)
        defer { whole.close() }
        let count = try whole.migration().plan.commandCount
        try whole.run()
        let image = whole.card.image(countsChannels: false)
        for cut in 0..<count {
            let office = try site.office(site.card(), ApplicationMigrationTests.transit)
            defer { office.close() }
            #expect(throws: PersonalizationError.self) { try office.tear(at: cut, moment) }
            try office.run()
            #expect(office.card.image(countsChannels: false) == image, "cut \(cut)")
        }
    }

    @Test(arguments: FaultChannel.Moment.allCases)
    func tornAgainAndAgainItIsStillFinished(moment: FaultChannel.Moment) throws {
        let site = try ApplicationMigrationSite(ApplicationMigrationTests.takesRecords)
        let values = values(ApplicationMigrationTests.takesRecords)
        let whole = try site.office(site.card(), values)
        defer { whole.close() }
        try whole.run()
        let image = whole.card.image(countsChannels: false)
        for first in [4, 8, 10] {
            let office = try site.office(site.card(), values)
            defer { office.close() }
            #expect(throws: PersonalizationError.self) { try office.tear(at: first, moment) }
            // What is asked first, and what is deleted, are commands of these as well.
            var tears = 0
            for cut in 0..<40 {
                do {
                    try office.tear(at: cut, moment)
                    break
                } catch PersonalizationError.interrupted {
                    tears += 1
                }
            }
            #expect(tears > 8, "first cut \(first)")
            #expect(office.card.image(countsChannels: false) == image, "first cut \(first)")
        }
    }

    @Test func aHalfMadeApplicationWithoutItsJournalIsLeftAlone() throws {
        let site = try ApplicationMigrationSite()
        let office = try site.office(site.card(), ApplicationMigrationTests.transit)
        defer { office.close() }
        #expect(throws: PersonalizationError.self) { try office.tear(at: 10, .beforeCommand) }
        let elsewhere = try site.office(office.card, ApplicationMigrationTests.transit)
        defer { elsewhere.close() }
        let migration = try elsewhere.migration()
        #expect(migration.obstacles.map(\.code) == ["migrate.half-made"])
        #expect(migration.plan.stages.isEmpty)
    }

    /// The application of another office: only installed before our command was sent, or personalised for another number.
    @Test(arguments: [(3, 6), (3, nil), (10, nil)] as [(Int, Int?)])
    func anApplicationOfAnotherOfficeIsNeverDeleted(tears: (ours: Int, theirs: Int?)) throws {
        let site = try ApplicationMigrationSite()
        let office = try site.office(site.card(), ApplicationMigrationTests.transit)
        defer { office.close() }
        #expect(throws: PersonalizationError.self) { try office.tear(at: tears.ours, .beforeCommand) }
        if tears.ours > 4 { try delete(from: office.card, site) }
        let theirs = try site.office(office.card, ["DF0B.EF05.transitNumber": "9901000000000099"])
        defer { theirs.close() }
        if let cut = tears.theirs {
            #expect(throws: PersonalizationError.self) { try theirs.tear(at: cut, .beforeCommand) }
        } else {
            try theirs.run()
        }
        let before = office.card.image()
        #expect(throws: PersonalizationError.notAsLeft(found: nil)) { try office.run() }
        #expect(office.card.image() == before)
    }

    @Test func anotherCardOfTheSameChipIsNotGoneOnWith() throws {
        let settings = ApplicationMigrationTests.takesRecords
        let site = try ApplicationMigrationSite(settings)
        let office = try site.office(site.card(), ApplicationMigrationTests.transit)
        defer { office.close() }
        #expect(throws: PersonalizationError.self) { try office.tear(at: 8, .beforeCommand) }
        // The same chip with another identification code: DGI 0501 of the environment.
        let channel = try VirtualCardChannel(office.card)
        let environment = try #require(site.made.compiled.directory("SSSE")?.directory?.dedicatedFileName)
        _ = try channel.transmit(CommandAPDU(0x00, 0xA4, 0x04, 0x00, data: environment))
        let opened = try site.made.open(channel, keySet: "issuer")
        let code = [UInt8](repeating: 0x99, count: 16)
        let answer = try opened.transmit(
            GlobalPlatformCommands.storeData(p1: 0x80, number: 0, [0x05, 0x01, 0x12, 0x01, 0x10] + code))
        #expect(answer.statusWord.isSuccess)
        let before = office.card.image()
        #expect(throws: PersonalizationError.notAsLeft(found: String(repeating: "99", count: 16))) {
            try office.run()
        }
        #expect(office.card.image() == before)
    }

    private func delete(from card: GlobalPlatformCard, _ site: ApplicationMigrationSite) throws {
        let channel = try VirtualCardChannel(card)
        _ = try channel.transmit(GlobalPlatformCommands.select([]))
        let opened = try site.made.open(channel, keySet: "issuer")
        let name: [UInt8] = [0xD1, 0x56, 0x00, 0x00, 0x05, 0x99, 0x02]
        #expect(try opened.transmit(GlobalPlatformCommands.delete(name)).statusWord.isSuccess)
    }
}

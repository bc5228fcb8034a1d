import ByteText
import CardApplication
import CardData
import CardLayout
import ISO7816
import IssuerKeys
import Personalization
import Testing
import VirtualCard

/// Issued GlobalPlatform cards brought from one layout to the next: what they take, and what they keep.
@Suite struct ApplicationMigrationTests {
    static let profiles = ["globalplatform", "globalplatform-i55", "globalplatform-scp03"]
    static let transit = ["DF0B.EF05.transitNumber": "9901000000000017", "DF0B.EF05.transitClass": "A1"]
    static let takesRecords = "storeData: {afterPersonalization: records}"

    /// What anybody reads of DF0B/EF05: SELECT by the name in the layout, READ RECORD with short identifier 05.
    private func transitRecords(of card: GlobalPlatformCard) throws -> [[UInt8]] {
        let channel = try VirtualCardChannel(card)
        let name: [UInt8] = [0xD1, 0x56, 0x00, 0x00, 0x05, 0x99, 0x02]
        guard try channel.transmit(CommandAPDU(0x00, 0xA4, 0x04, 0x00, data: name)).statusWord.isSuccess else {
            return []
        }
        return try [1, 2].map { number in
            try channel.transmit(CommandAPDU(bytes: [0x00, 0xB2, number, 0x2C, 0x00])).data
        }
    }

    /// A new application and its price.
    ///
    /// By hand: SELECT of the domain, channel 2, INSTALL; SELECT, channel 2, keys, two records; SELECT, two records read. DELETE of what an
    /// earlier attempt left is the price of being resumable.
    @Test(arguments: profiles)
    func aNewApplicationIsInstalledAndNothingElseChanges(profile: String) throws {
        let site = try ApplicationMigrationSite(profile: profile)
        let card = try site.card()
        let office = try site.office(card, Self.transit)
        defer { office.close() }
        let migration = try office.migration()
        #expect(migration.obstacles == [] && migration.notices == [])
        #expect(migration.newDirectories == ["DF0B"])
        #expect(migration.plan.minimum == CommandMinimum(fewest: 13, forResuming: 1))
        #expect(
            migration.plan.steps.map(\.purpose.kind) == [
                .selectSecurityDomain, .beginSecureChannel, .authenticate, .deleteApplication, .installApplication,
                .selectDirectory, .beginSecureChannel, .authenticate, .loadKey, .writeElement, .writeElement,
                .selectDirectory, .readBack, .readBack,
            ])
        // The card has the issuer's keys by now, and asks for no others.
        let sets = migration.plan.keyNeeds.map { need in
            if case .securityDomain(_, let keySet) = need { keySet } else { "another" }
        }
        #expect(sets == ["issuer", "issuer", "issuer"])
        let before = try office.dump()
        #expect(try transitRecords(of: card) == [])
        try office.run()
        // tag, length, then eight bytes of packed digits and two letters
        #expect(
            try transitRecords(of: card) == [
                [0xE8, 0x08, 0x99, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x17], [0xE9, 0x02, 0x41, 0x31],
            ])
        let after = try office.dump()
        #expect(after.readings.filter { $0.directory != "DF0B" } == before.readings)
        // The PIN of the factory: 24 and the digits, filled with F.
        let pin: [UInt8] = [0x26, 0x92, 0x58, 0x14, 0xFF, 0xFF, 0xFF, 0xFF]
        #expect(card.image().contains(pin))
        let second = try office.migration()
        #expect(second.obstacles == [])
        #expect(second.plan.stages.isEmpty, "nothing is left to do")
        #expect(second.plan.minimum == CommandMinimum(fewest: 0, forResuming: 0))
    }

    // MARK: - What stands

    /// The tree's profile says `none`: what stands is told, file by file, and the card is left alone.
    @Test(arguments: ["", "storeData: {afterPersonalization: none}"])
    func aRecordThatStandsStaysWhereTheCardTakesNoMore(settings: String) throws {
        let site = try ApplicationMigrationSite(settings)
        let office = try site.office(
            site.card(), ["DF01.EF08.maritalStatus": "2"])
        defer { office.close() }
        let migration = try office.migration()
        #expect(!migration.isPossible)
        #expect(migration.obstacles.map(\.code) == ["globalplatform.records-stay"])
        #expect(migration.obstacles.first?.parameters["place"] == "DF01/EF08")
    }

    /// Where it says `records`, the one that differs is sent and read back: SELECT, channel 2, STORE DATA, SELECT, READ RECORD.
    @Test(arguments: profiles)
    func onlyTheRecordThatDiffersIsWritten(profile: String) throws {
        let site = try ApplicationMigrationSite(Self.takesRecords, profile: profile)
        let card = try site.card()
        let office = try site.office(card, Self.transit.merging(["DF01.EF08.maritalStatus": "2"]) { $1 })
        defer { office.close() }
        let migration = try office.migration()
        #expect(migration.obstacles == [])
        #expect(migration.plan.minimum == CommandMinimum(fewest: 13 + 6, forResuming: 1))
        #expect(migration.plan.commandCount == migration.plan.minimum.total)
        #expect(
            migration.plan.steps.filter { $0.purpose.kind == .writeElement }.map(\.purpose.subject) == [
                "DF0B/EF05/transitNumber", "DF0B/EF05/transitClass", "DF01/EF08/maritalStatus",
            ])
        let before = try office.dump().content(by: site.made.compiled.layout).values
        try office.run()
        let after = try office.dump().content(by: site.made.compiled.layout).values
        #expect(before["DF01.EF08.maritalStatus"] == "1" && after["DF01.EF08.maritalStatus"] == "2")
        #expect(before.merging(["DF01.EF08.maritalStatus": "2"]) { $1 } == after)
        #expect(try office.migration().plan.stages.isEmpty, "nothing is left to do")
    }

    /// Of version 2.00 and 3.00 an application holds the same records: the version itself is the only one that differs.
    @Test func versionTwoBecomesVersionThreeWhereRecordsAreTaken() throws {
        let closed = try ApplicationMigrationSite(from: "national-2.0", to: "national-3.0")
        let refusing = try closed.office(closed.card())
        defer { refusing.close() }
        #expect(try refusing.migration().obstacles.map { $0.parameters["place"] } == ["SSSE/EF05"])
        let site = try ApplicationMigrationSite(Self.takesRecords, from: "national-2.0", to: "national-3.0")
        let office = try site.office(site.card())
        defer { office.close() }
        #expect(try office.migration().plan.minimum == CommandMinimum(fewest: 6, forResuming: 0))
        let before = try office.dump().content(by: site.made.compiled.layout).values
        try office.run()
        let after = try office.dump().content(by: site.target.layout).values
        #expect(before.merging(["SSSE.EF05.specificationVersion": "3.00"]) { $1 } == after)
        #expect(try office.migration().plan.stages.isEmpty, "nothing is left to do")
    }

    private static let newFile = """
        directories:
          SSSE:
            files:
              EF0D:
                title: 地区数据
                structure: variable-record
                read: free
                write: UKMFEF0C
                elements:
                  regionNumber: {tag: E6, title: 地区编号, type: an, length: 04}
                  regionName: {tag: E7, title: 地区名称, type: an, length: 08}
        """

    /// An application has a file as soon as it has a record of it; blank ones are sent as on a new card.
    @Test func aFileThatIsNewInAnApplicationThatStands() throws {
        let values = ["SSSE.EF0D.regionNumber": "A123"]
        let site = try ApplicationMigrationSite(Self.takesRecords, extension: Self.newFile)
        let office = try site.office(site.card(), values)
        defer { office.close() }
        let migration = try office.migration()
        #expect(migration.obstacles == [])
        #expect(
            migration.plan.steps.filter { $0.purpose.kind == .writeElement }.map(\.purpose.subject) == [
                "SSSE/EF0D/regionNumber", "SSSE/EF0D/regionName",
            ])
        try office.run()
        #expect(
            try office.dump()["SSSE", "EF0D"]
                == .records([[0xE6, 0x04] + Array("A123".utf8), [0xE7, 0x08] + [UInt8](repeating: 0x00, count: 8)]))
        #expect(try office.migration().plan.stages.isEmpty, "nothing is left to do")
    }

    @Test func aNewFileIsRefusedByAnApplicationThatTakesNoMore() throws {
        let site = try ApplicationMigrationSite(extension: Self.newFile)
        let office = try site.office(site.card())
        defer { office.close() }
        #expect(try office.migration().obstacles.map { $0.parameters["place"] } == ["SSSE/EF0D"])
        // Where blank records are not sent, a file without a value is there already.
        let without = try ApplicationMigrationSite("storeData: {blankRecords: false}", extension: Self.newFile)
        let other = try without.office(without.card())
        defer { other.close() }
        #expect(try other.migration().obstacles == [])
        #expect(try other.migration().plan.stages.isEmpty)
    }

    // MARK: - Refusals

    /// What an application takes later are records: keys and the PIN's counter are refused (6985), and a record is taken.
    @Test(
        arguments: [
            (UInt8(0x80), [0x90, 0x10, 0x02, 0x06, 0x06], 0x6985), (0xE0, [0x80, 0x00, 0x08] + [UInt8](1...8), 0x6985),
            (0x80, [0x06, 0x03, 0x03, 0x0A, 0x01, 0x32], 0x9000),
        ] as [(UInt8, [UInt8], UInt16)])
    func onlyRecordsAreTakenLater(parameter: UInt8, block: [UInt8], answer: UInt16) throws {
        let site = try ApplicationMigrationSite(Self.takesRecords)
        let card = try site.card()
        let channel = try VirtualCardChannel(card)
        let environment = try #require(site.made.compiled.directory("SSSE")?.directory?.dedicatedFileName)
        _ = try channel.transmit(CommandAPDU(0x00, 0xA4, 0x04, 0x00, data: environment))
        let opened = try site.made.open(channel, keySet: "issuer")
        let before = card.image()
        let response = try opened.transmit(GlobalPlatformCommands.storeData(p1: parameter, number: 0, block))
        #expect(response.statusWord.rawValue == answer)
        #expect((card.image() == before) == (answer != 0x9000))
    }

    @Test func aRowAndATransparentFileAreRefused() throws {
        let site = try ApplicationMigrationSite(Self.takesRecords)
        let rows = try site.office(site.card(), ["DF02.EF07": "occupation=2020100;startDate=20200101"])
        defer { rows.close() }
        #expect(try rows.migration().obstacles.map(\.code) == ["migrate.rows"])
        let photo = try site.office(site.card(), ["photo": "FFD8FFD9"])
        defer { photo.close() }
        #expect {
            try photo.migration()
        } throws: { error in
            (error as? Faults)?.faults.map(\.code) == ["globalplatform.file-without-grouping"]
        }
    }

    @Test func aCardOfAnotherKindIsNoTarget() throws {
        let site = try ApplicationMigrationSite(from: "national-2.0", to: "national-2.0")
        let office = try site.office(site.card())
        defer { office.close() }
        for (old, new) in [
            (site.made.compiled, site.made.factory.compiled), (site.made.factory.compiled, site.made.compiled),
        ] {
            let migration = try MigrationPlanner(from: old, to: new, encoder: PersonImageEncoder(layout: new.layout))
                .plan(for: office.dump())
            #expect(migration.obstacles.map(\.code).contains("migrate.other-chip"))
        }
    }
}

import ByteText
import CardApplication
import CardData
import CardLayout
import Foundation
import ISO7816
import Personalization
import Testing
import VirtualCard

@Suite struct CardMigrationTests {
    typealias Finished = CardInspectionTests.Finished

    func extended(_ layout: String, profile: String = "") throws -> CompiledCard {
        try RegionLayout.compiled(layout, profile: profile)
    }

    func migration(
        _ finished: Finished, to target: CompiledCard, _ values: [String: String] = [:]
    ) throws -> CardMigration {
        try MigrationPlanner(
            from: finished.factory.compiled, to: target, encoder: PersonImageEncoder(layout: target.layout)
        ).plan(for: finished.dump(), values: values)
    }

    func run(_ finished: Finished, to target: CompiledCard, _ values: [String: String] = [:]) throws {
        let bench = try MigrationBench(finished, to: target, values)
        defer { bench.close() }
        try bench.run()
    }

    @Test func versionTwoCannotBecomeVersionThreeAndEveryReasonIsTold() throws {
        let finished = try Finished()
        let library = LayoutLibrary(home: CardFactory.home)
        let target = try CompiledCard(
            layout: library.layout(named: "national-3.0"), profile: library.profile(named: "fmcos-ssse-sm4"))
        let migration = try migration(finished, to: target)
        #expect(!migration.isPossible)
        #expect(
            migration.obstacles.map { "\($0.code.rawValue) \($0.parameters["place"] ?? "")" } == [
                "migrate.other-chip ", "migrate.keys ", "migrate.read-rule SSSE/EF05", "migrate.read-rule SSSE/EF06",
            ])
    }

    @Test func valuesAreWrittenAnewOnceAndTheVersionLast() throws {
        let finished = try Finished()
        let target = try extended("specificationVersion: \"2.01\"\nprofile: fmcos-ssse")
        let values = ["name": "张三丰", "DF01.EF08.maritalStatus": "2"]
        let migration = try migration(finished, to: target, values)
        #expect(migration.obstacles == [])
        let writes = migration.plan.steps.filter { $0.purpose.kind == .writeElement }.map(\.purpose.subject)
        #expect(
            writes == [
                "DF01/EF08/maritalStatus", "SSSE/EF05/specificationVersion", "SSSE/EF06/name",
                "SSSE/EF06/nameExtension",
            ])
        try run(finished, to: target, values)
        let content = try finished.dump().content(by: target.layout)
        #expect(content["SSSE", "EF05", "specificationVersion"]?.text == "2.01")
        #expect(content["SSSE", "EF06", "name"]?.text == "张三丰")
        #expect(content["DF01", "EF08", "maritalStatus"]?.text == "2")
        #expect(content["SSSE", "EF06", "sex"]?.text == "1")
        #expect(try self.migration(finished, to: target, values).plan.stages.isEmpty, "nothing is left to do")
    }

    @Test func aNewDirectoryBelowTheMasterFileIsMadeUnderTheCardsMasterKey() throws {
        let finished = try Finished()
        let target = try extended(
            RegionLayout.newDirectory(version: "2.00"), profile: RegionLayout.newDirectoryProfile)
        let bench = try MigrationBench(finished, to: target, ["regionNumber": "A123"])
        defer { bench.close() }
        let migration = try bench.migration()
        #expect(migration.obstacles == [])
        #expect(migration.newDirectories == ["DF0A"])
        try bench.run()
        let readings = try CardReader(finished.conversation(), target, presentsKeys: true).read(directories: ["DF0A"])
        // 20 = tag, 04 = length, then the text in ASCII; the record without a value is blank.
        #expect(
            readings.first?.outcome
                == .records([[0x20, 0x04] + Array("A123".utf8), [0x21, 0x08] + [UInt8](repeating: 0x00, count: 8)]))
        let second = try bench.migration()
        #expect(second.obstacles == [])
        #expect(second.plan.stages.isEmpty)
        let changed = try MigrationBench(finished, to: target, ["regionNumber": "B456"]).migration()
        #expect(
            changed.plan.steps.filter { $0.purpose.kind == .writeElement }.map(\.purpose.subject) == [
                "DF0A/EF05/regionNumber"
            ])
    }

    @Test(arguments: ["national-2.0@t514", "national-2.0@mcos"])
    func whereCreationWasEndedNoDirectoryIsMade(layout: String) throws {
        let compiled = try LayoutLibrary(home: CardFactory.home).compiledCard(named: layout)
        let target = try RegionLayout.compiled(
            RegionLayout.newDirectory(version: "2.00"), profile: RegionLayout.newDirectoryProfile,
            on: compiled.profile.name)
        let dump = CardDump(layoutName: "national-2.0", answerToReset: [0x3B, 0x00], readings: [])
        let migration = try MigrationPlanner(
            from: compiled, to: target, encoder: PersonImageEncoder(layout: target.layout)
        ).plan(for: dump, values: CardFactory().person.merging(["cardNumber": "D00000005"]) { $1 })
        #expect(migration.obstacles.contains { $0.code == "migrate.creation-ended" })
        #expect(migration.newDirectories.isEmpty)
    }

    @Test func rowsOfCyclicFilesAreRefused() throws {
        let finished = try Finished()
        let target = try extended("specificationVersion: \"2.01\"\nprofile: fmcos-ssse")
        let migration = try migration(finished, to: target, ["DF02.EF07": "occupation=2020100;startDate=20200101"])
        #expect(migration.obstacles.map(\.code) == ["migrate.rows"])
    }

    /// A picture goes in pieces that a command and an answer take alike, with one selection of its file to write and one to read.
    @Test func aPictureIsWrittenAnewWithTheFewestCommands() throws {
        let finished = try Finished()
        let target = try extended("specificationVersion: \"2.01\"\nprofile: fmcos-ssse")
        let photo = [0xFF, 0xD8, 0xFF] + (0..<4091).map { UInt8(truncatingIfNeeded: $0 &* 31) } + [0xFF, 0xD9]
        let migration = try migration(finished, to: target, ["photo": photo.hexadecimal])
        #expect(migration.obstacles == [])
        let steps = migration.plan.steps.filter { $0.purpose.subject == "SSSE/EF08" }
        // 239 data bytes a command at most (profile): 4096 = 17 × 239 + 33.
        let wanted: [(Purpose.Kind, Int)] = [(.writeElement, 18), (.readBack, 18), (.selectFile, 2)]
        for (kind, count) in wanted { #expect(steps.count { $0.purpose.kind == kind } == count, "\(kind)") }
        try run(finished, to: target, ["photo": photo.hexadecimal])
        #expect(try finished.dump().content(by: target.layout)["SSSE", "EF08", "photo"] == .bytes(photo))
        #expect(try self.migration(finished, to: target, ["photo": photo.hexadecimal]).plan.stages.isEmpty)
    }

    /// One byte of a photo, in the third of its pieces of 239 bytes: that piece alone is written and read back.
    @Test func ofATransparentFileOnlyThePieceThatDiffersIsWritten() throws {
        let photo = [0xFF, 0xD8, 0xFF] + (0..<4091).map { UInt8(truncatingIfNeeded: $0 &* 31) } + [0xFF, 0xD9]
        let finished = try Finished(values: ["photo": photo.hexadecimal])
        let target = finished.factory.compiled
        var other = photo
        other[500] ^= 0xFF
        let values = ["photo": other.hexadecimal]
        let steps = try migration(finished, to: target, values).plan.steps.filter { $0.purpose.subject == "SSSE/EF08" }
        #expect(steps.map(\.purpose.kind) == [.selectFile, .writeElement, .selectFile, .readBack])
        // Offset 478 = 2 × 239 is 01DE.
        guard case .fixed(let writing)? = steps.dropFirst().first?.operation else { return #expect(Bool(false)) }
        #expect(writing.bytes.prefix(5) == [0x00, 0xD6, 0x01, 0xDE, 239])
        #expect(writing.data == Array(other[478..<717]))
        try run(finished, to: target, values)
        #expect(try finished.dump().content(by: target.layout)["SSSE", "EF08", "photo"] == .bytes(other))
        #expect(try migration(finished, to: target, values).plan.stages.isEmpty, "nothing is left to do")
    }

    // MARK: - What only the PIN opens

    /// DF04/EF06 is read with the PIN and RK1DF04 together, and written with UK2DF04 alone.
    @Test func whatOnlyThePINOpensIsReadBackWithItAndToldWithoutIt() throws {
        let finished = try Finished()
        let target = try extended("specificationVersion: \"2.01\"\nprofile: fmcos-ssse")
        let planner = MigrationPlanner(
            from: finished.factory.compiled, to: target, encoder: PersonImageEncoder(layout: target.layout))
        let values = ["DF04.EF06.offlineAllowed": "1", "DF01.EF08.maritalStatus": "2"]
        let dump = try finished.dump()
        let without = try planner.plan(for: dump, values: values)
        #expect(without.obstacles == [])
        #expect(without.unread == ["DF04/EF06/offlineAllowed"])
        #expect(without.notices.map(\.code) == ["migrate.not-read-back"])
        #expect(without.readBack.stages.isEmpty)
        let migration = try planner.plan(for: dump, values: values, pinLength: 3)
        #expect(migration.unread == [] && migration.notices == [])
        // A torn card goes on with the plan it was begun with, whether or not the holder is there.
        #expect(migration.plan == without.plan)
        #expect(migration.readBack.steps.map(\.purpose.kind).filter { $0 == .verifyPIN }.count == 1)
        #expect(
            migration.readBack.steps.filter { $0.purpose.kind == .readBack }.map(\.purpose.subject) == [
                "DF04/EF06/offlineAllowed"
            ])
        try run(finished, to: target, values)
        try PlanRunner(migration.readBack, finished.conversation()).readBack()
        let other = try planner.plan(for: dump, values: ["DF04.EF06.offlineAllowed": "0"], pinLength: 3)
        #expect {
            try PlanRunner(other.readBack, finished.conversation()).readBack()
        } throws: { error in
            guard case .failed(_, .differs)? = error as? PersonalizationError else { return false }
            return true
        }
    }

    @Test func aPlanThatWritesNothingBehindThePINHasNothingToReadBackWithIt() throws {
        let finished = try Finished()
        let target = try extended("specificationVersion: \"2.01\"\nprofile: fmcos-ssse")
        let migration = try MigrationPlanner(
            from: finished.factory.compiled, to: target, encoder: PersonImageEncoder(layout: target.layout)
        ).plan(for: finished.dump(), values: ["DF01.EF08.maritalStatus": "2"], pinLength: 3)
        #expect(!migration.plan.stages.isEmpty)
        #expect(migration.readBack.stages.isEmpty && migration.unread.isEmpty)
    }

    // MARK: - Applications

    /// STORE DATA after the last block is refused (6985) where the profile says `none`.
    @Test func anApplicationThatIsPersonalizedTakesNoRecord() throws {
        let site = try GlobalPlatformSite()
        let workshop = try site.workshop()
        defer { workshop.close() }
        try workshop.begin(site.plan(), on: VirtualCardChannel(site.card))
        let before = site.card.image(countsChannels: false)
        // The card's own word for it: a channel to the application is opened, and STORE DATA refused.
        let relay = RelayChannel(try VirtualCardChannel(site.card))
        let environment = try #require(site.compiled.directory("SSSE")?.directory?.dedicatedFileName)
        _ = try relay.transmit(CommandAPDU(0x00, 0xA4, 0x04, 0x00, data: environment))
        let channel = try site.open(relay, keySet: site.profile.keyReplacement?.keySet ?? site.profile.keySet)
        let block: [UInt8] = [0x06, 0x03, 0x03, 0x0A, 0x01, 0x32]
        let answer = try channel.transmit(GlobalPlatformCommands.storeData(p1: 0x80, number: 0, block))
        #expect(answer.statusWord == .conditionsNotSatisfied)
        #expect(site.card.image(countsChannels: false) == before)
    }

    // MARK: - Comparison of plans

    @Test func plansOfTwoPeopleDifferInTheirDataAlone() throws {
        let factory = try CardFactory()
        let first = try factory.plan()
        let second = try factory.plan(factory.person.merging(["sex": "2", "DF01.EF08.maritalStatus": ""]) { $1 })
        let comparison = PlanComparison(first, second)
        let told = comparison.differences.map { difference in
            switch difference {
            case .removed(let step, _): "- \(step.purpose.kind) \(step.purpose.subject)"
            case .added(let step, _): "+ \(step.purpose.kind) \(step.purpose.subject)"
            case .changed(_, let step, _): "~ \(step.purpose.kind) \(step.purpose.subject)"
            }
        }
        #expect(told.contains("~ writeElement SSSE/EF06/sex"))
        #expect(told.contains("~ readBack SSSE/EF06/sex"))
        #expect(told.contains("- writeElement DF01/EF08/maritalStatus"))
        // Without a value the record is made blank.
        #expect(told.filter { $0.hasPrefix("+") } == ["+ writeBlankRecord DF01/EF08/maritalStatus"])
        #expect(PlanComparison(first, first).differences.isEmpty)
        #expect(PlanComparison(first, first).sameCount == first.commandCount)
        let reversed = PlanComparison(second, first).differences
        #expect(reversed.count == comparison.differences.count)
    }

    /// What an earlier migration made takes its room, though the old layout does not know it.
    @Test func aDirectoryOfAnEarlierMigrationTakesItsRoom() throws {
        let finished = try CardInspectionTests.Finished()
        let first = try RegionLayout.compiled(
            RegionLayout.newDirectory(version: "2.01"), profile: RegionLayout.newDirectoryProfile)
        let bench = try MigrationBench(finished, to: first, ["regionNumber": "A123", "regionName": "示范区"])
        defer { bench.close() }
        try bench.run()
        let old = finished.factory.compiled
        let made = try #require(first.directory("DF0A")).space
        func obstacles(memory: Int) throws -> [String] {
            let second = """

                  DF0B:
                    title: 地区应用二
                    identifier: DF0B
                    select: D1560000059902
                    files:
                      EF05:
                        title: 地区数据二
                        structure: variable-record
                        read: RK1DF01
                        write: UK1DF01
                        elements:
                          regionNumber: {tag: 20, title: 地区编号, type: an, length: 04}
                          regionName: {tag: 21, title: 地区名称, type: an, length: 08}
                      EF06:
                        title: 地区照片二
                        structure: transparent
                        size: 20
                        read: free
                        write: UK1DF01
                """
            let own = RegionLayout.newDirectoryProfile.split(separator: "\n").dropFirst().joined(separator: "\n")
            let profile =
                RegionLayout.newDirectoryProfile + "\n"
                + own.replacing("  DF0A:", with: "  DF0B:")
            let target = try RegionLayout.compiled(
                RegionLayout.newDirectory(version: "2.02") + second, profile: profile)
            let small = try CompiledCard(
                layout: old.layout,
                profile: RegionLayout.compiled("profile: region", profile: "memorySize: \(memory)").profile)
            return try MigrationPlanner(
                from: small, to: target, encoder: PersonImageEncoder(layout: target.layout)
            ).plan(for: bench.dump()).obstacles.map(\.code.rawValue)
        }
        let least = old.masterFile.space + made + made
        #expect(try obstacles(memory: least) == [])
        #expect(try obstacles(memory: least - 1) == ["migrate.no-room"])
    }
}

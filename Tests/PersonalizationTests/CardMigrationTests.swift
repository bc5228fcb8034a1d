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

    /// A layout that extends the national one, and the profile it needs, both written for the test.
    private func extended(_ layout: String, profile: String = "") throws -> CompiledCard {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.copyItem(atPath: CardFactory.home + "/CardLayouts", toPath: folder.path)
        defer { try? FileManager.default.removeItem(at: folder) }
        try "name: region\ntitle: 地区扩展\nextends: national-2.0\n\(layout)\n"
            .write(toFile: folder.path + "/region.yaml", atomically: true, encoding: .utf8)
        try "name: region\ntitle: 地区\nextends: fmcos-ssse\n\(profile)\n"
            .write(toFile: folder.path + "/profiles/region.yaml", atomically: true, encoding: .utf8)
        return try CompiledCard(
            layout: LayoutReader.read(folder.path + "/region.yaml"),
            profile: COSProfileReader.read(folder.path + "/profiles/region.yaml"))
    }

    private func migration(
        _ finished: Finished, to target: CompiledCard, _ values: [String: String] = [:]
    ) throws -> CardMigration {
        try MigrationPlanner(
            from: finished.factory.compiled, to: target, encoder: PersonImageEncoder(layout: target.layout)
        ).plan(for: finished.dump(), values: values)
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
        try MigrationRunner(migration.plan, finished.conversation()).run()
        let content = try finished.dump().content(by: target.layout)
        #expect(content["SSSE", "EF05", "specificationVersion"]?.text == "2.01")
        #expect(content["SSSE", "EF06", "name"]?.text == "张三丰")
        #expect(content["DF01", "EF08", "maritalStatus"]?.text == "2")
        #expect(content["SSSE", "EF06", "sex"]?.text == "1")
        #expect(try self.migration(finished, to: target, values).plan.stages.isEmpty, "nothing is left to do")
    }

    @Test func aTornMigrationIsFinishedByPlanningAgain() throws {
        let target = try extended("specificationVersion: \"2.01\"\nprofile: fmcos-ssse")
        let values = ["sex": "2", "DF01.EF08.maritalStatus": "2"]
        let finished = try Finished()
        let steps = try migration(finished, to: target, values).plan.steps
        // The card has done the write and its answer is lost.
        let cuts = steps.indices.filter { steps[$0].purpose.kind == .writeElement }
        #expect(cuts.count == 3)
        for cut in cuts {
            let card = try Finished()
            let plan = try migration(card, to: target, values).plan
            let channel = try FaultChannel(VirtualCardChannel(card.card), cutAt: cut, .beforeAnswer) {
                card.card.powerOff()
            }
            #expect(throws: PersonalizationError.self) {
                try MigrationRunner(plan, card.factory.conversation(channel)).run()
            }
            let rest = try migration(card, to: target, values)
            #expect(rest.obstacles == [])
            try MigrationRunner(rest.plan, card.conversation()).run()
            #expect(try migration(card, to: target, values).plan.stages.isEmpty, "cut \(cut)")
        }
    }

    static let newDirectory = """
        specificationVersion: "2.00"
        profile: region
        directories:
          DF0A:
            title: 地区应用
            identifier: DF0A
            select: D1560000059901
            files:
              EF05:
                title: 地区数据
                structure: variable-record
                read: RK1DF01
                write: UK1DF01
                elements:
                  regionNumber: {tag: 20, title: 地区编号, type: an, length: 04}
        """
    static let newDirectoryProfile = """
        directories:
          DF0A:
            createRight: FF
            eraseRight: FF
            addKeyRight: FF
            shortIdentifier: FF
            states:
              1: RK1DF01
              4: UK1DF01
            keys:
              39/00: {name: MKDF01, state: F, tries: 8}
              39/91: {name: UK1DF01, state: 4}
              39/A1: {name: RK1DF01, state: 1}
        """

    @Test func aNewDirectoryBelowTheMasterFileIsMadeUnderTheCardsMasterKey() throws {
        let finished = try Finished()
        let target = try extended(Self.newDirectory, profile: Self.newDirectoryProfile)
        let migration = try migration(finished, to: target, ["regionNumber": "A123"])
        #expect(migration.obstacles == [])
        #expect(migration.newDirectories == ["DF0A"])
        try MigrationRunner(migration.plan, finished.conversation()).run()
        let readings = try CardReader(finished.conversation(), target, presentsKeys: true).read(directories: ["DF0A"])
        // 20 = tag, 04 = length, then the text in ASCII.
        #expect(readings.map(\.outcome) == [.records([[0x20, 0x04] + Array("A123".utf8)])])
        let again = CardDump(
            layoutName: "national-2.0", answerToReset: [0x3B, 0x00], readings: try finished.dump().readings + readings)
        let second = try MigrationPlanner(
            from: finished.factory.compiled, to: target, encoder: PersonImageEncoder(layout: target.layout)
        ).plan(for: again)
        #expect(second.obstacles.map(\.code) == ["migrate.half-made"])
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
        #expect(!told.contains { $0.hasPrefix("+") })
        #expect(PlanComparison(first, first).differences.isEmpty)
        #expect(PlanComparison(first, first).sameCount == first.commandCount)
        let reversed = PlanComparison(second, first).differences
        #expect(reversed.count == comparison.differences.count)
    }
}

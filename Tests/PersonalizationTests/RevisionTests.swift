import ByteText
import CardApplication
import CardData
import CardLayout
import Foundation
import ISO7816
import Personalization
import Testing
import VirtualCard

/// A sound card of revision 1, which says 2.01 (card.md §1.2, §1.4): another office made it, and nobody finds fault with it.
@Suite struct RevisionTests {
    private typealias Finished = CardInspectionTests.Finished

    private func card(saying version: String) throws -> Finished {
        let finished = try Finished()
        let compiled = finished.factory.compiled
        let commands = CardCommands(profile: compiled.profile)
        let environment = try #require(compiled.directory("SSSE"))
        let conversation = try finished.conversation()
        try conversation.perform(.fixed(commands.select(identifier: environment.identifier)), wantsAnswer: false)
        try conversation.present(try #require(environment.security.keys.first { $0.name == "UKSSSE" }))
        let file = try #require(environment.file("EF05")?.file)
        try conversation.perform(.fixed(commands.updateRecord(3, of: file, [0x03, 0x04] + Array(version.utf8))))
        return finished
    }

    private func violations(_ finished: Finished) throws -> [String] {
        let channel = try VirtualCardChannel(finished.card)
        try channel.reset()
        let compiled = finished.factory.compiled
        let findings = try CardVerifier(
            finished.factory.conversation(ReadOnlyChannel(channel)), compiled,
            encoder: PersonImageEncoder(layout: compiled.layout), presentsKeys: true, pinLength: 3
        ).check()
        return findings.filter { if case .violated = $0.verdict { true } else { false } }.map { $0.element ?? "" }
    }

    @Test func itKeepsEveryRuleOfItsLayout() throws {
        #expect(try violations(card(saying: "2.01")) == [])
        #expect(try violations(card(saying: "2.02")) == ["specificationVersion"])
    }

    @Test func itsDumpNamesTheLayout() throws {
        let library = LayoutLibrary(home: CardFactory.home)
        let layouts = try ["national-1.0", "national-2.0", "national-3.0"].map { try library.layout(named: $0) }
        for (version, name) in [("2.01", "national-2.0"), ("2.02", nil)] {
            let content = try card(saying: version).dump().content(by: layouts[1])
            let file = try CardDumpFile(json: [UInt8](JSONEncoder().encode(content)), file: "card.json")
            #expect(file.layoutName(among: layouts) == name)
        }
    }

    /// A migration within the version writes what is given and leaves the version as it stands; a version that no revision has is put right.
    @Test(arguments: [("2.01", [] as [String]), ("2.02", ["SSSE/EF05/specificationVersion"])])
    func aMigrationLeavesItsVersion(version: String, written: [String]) throws {
        let finished = try card(saying: version)
        let target = try RegionLayout.compiled(
            RegionLayout.newDirectory(version: "2.00"), profile: RegionLayout.newDirectoryProfile)
        let bench = try MigrationBench(finished, to: target, ["DF01.EF08.maritalStatus": "2"])
        defer { bench.close() }
        let migration = try bench.migration()
        #expect(migration.obstacles == [])
        let subjects = migration.plan.steps.filter { $0.purpose.kind == .writeElement }.map(\.purpose.subject)
        #expect(subjects.filter { !$0.hasPrefix("DF0A") } == ["DF01/EF08/maritalStatus"] + written)
        try bench.run()
        let content = try finished.dump().content(by: target.layout)
        #expect(content["SSSE", "EF05", "specificationVersion"]?.text == (written.isEmpty ? version : "2.00"))
    }

    /// A layout that is of the revision itself accepts what it says and no other.
    @Test func aLayoutOfTheRevisionWritesItsOwn() throws {
        let finished = try card(saying: "2.01")
        let target = try RegionLayout.compiled(
            "specificationVersion: \"2.02\"\nacceptedVersions: [\"2.02\", \"2.00\"]\nprofile: fmcos-ssse")
        let migration = try MigrationPlanner(
            from: finished.factory.compiled, to: target, encoder: PersonImageEncoder(layout: target.layout)
        ).plan(for: finished.dump())
        let subjects = migration.plan.steps.filter { $0.purpose.kind == .writeElement }.map(\.purpose.subject)
        #expect(subjects == ["SSSE/EF05/specificationVersion"])
    }
}

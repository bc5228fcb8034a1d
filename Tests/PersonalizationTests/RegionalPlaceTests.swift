import CardApplication
import CardData
import CardLayout
import Foundation
import ISO7816
import Personalization
import Testing
import VirtualCard

/// A card with files and an application of a region, looked at by the nation's layout (file structure V2.0 §6: files from EF0C, directories from DF0A).
@Suite struct RegionalPlaceTests {
    private static let paths = ["SSSE/EF0C", "DF0A"]

    /// What a card of one layout shows to whoever reads it by another.
    private func look(
        at finished: CardInspectionTests.Finished, by layout: String
    ) throws -> (dump: CardDump, findings: [RuleFinding], layout: CardLayout) {
        let compiled = try LayoutLibrary(home: CardFactory.home).compiledCard(named: layout)
        let channel = try VirtualCardChannel(finished.card)
        try channel.reset()
        let conversation = try finished.factory.conversation(ReadOnlyChannel(channel))
        let reader = CardReader(conversation, compiled, presentsKeys: false)
        let places = try reader.findForeignPlaces()
        let dump = CardDump(
            layoutName: layout, answerToReset: [0x3B, 0x00], readings: try reader.read(), foreignPlaces: places)
        let verifier = CardVerifier(
            conversation, compiled, encoder: PersonImageEncoder(layout: compiled.layout), presentsKeys: false)
        return (dump, try verifier.checkForeignPlaces(), compiled.layout)
    }

    @Test func `what the nation's layout does not have is told in both forms of a dump and by the rules`() throws {
        let seen = try look(at: CardInspectionTests.Finished("example-region"), by: "national-3.0")
        #expect(seen.dump.foreignPlaces.map(\.path) == Self.paths)
        #expect(seen.findings.map { [$0.directory, $0.file] } == [["SSSE", "EF0C"], ["DF0A", nil]])
        #expect(seen.findings.allSatisfy { $0.rule == .notInLayout && $0.title == "不在卡结构中" })
        #expect(
            seen.findings.allSatisfy { $0.verdict == .violated([Fault("card-verify.not-in-layout")]) })
        let bytes = try JSONEncoder().encode(seen.dump)
        let values = try JSONEncoder().encode(seen.dump.content(by: seen.layout))
        for json in [bytes, values] {
            let object = try #require(JSONSerialization.jsonObject(with: json) as? [String: Any])
            #expect(object["notInLayout"] as? [String] == Self.paths)
            let file = try CardDumpFile(json: [UInt8](json), file: "a.json")
            // a card without them differs from such a dump; two with them are not called the same, for nobody has read what is in them
            let plain = CardDump(
                layoutName: "national-3.0", answerToReset: [0x3B, 0x00], readings: seen.dump.readings)
            let other = CardComparison(
                file.inventory(by: seen.layout), CardInventory(plain, by: seen.layout), layout: seen.layout)
            #expect(other.verdict == .differs)
            #expect(other.differences.map { [$0.directory, $0.file] } == [["SSSE", "EF0C"], ["DF0A", nil]])
            #expect(other.differences.allSatisfy { $0.kind == .onlyFirst && $0.title == "不在卡结构中" })
            let both = CardComparison(
                file.inventory(by: seen.layout), CardInventory(seen.dump, by: seen.layout), layout: seen.layout)
            #expect(both.verdict == .unknown && both.bothHaveForeignPlaces && both.isSame)
            #expect(
                both.uncompared.filter { $0.title == "不在卡结构中" }.map { [$0.directory, $0.file] }
                    == [["SSSE", "EF0C"], ["DF0A", nil]])
        }
        #expect(throws: Faults.self) {
            try CardDumpFile(json: Array("{\"notInLayout\": [\"EF0C/../\"]}".utf8), file: "x.json")
        }
    }

    @Test(arguments: [
        ("example-region", "example-region"), ("national-3.0", "national-3.0"), ("national-2.0", "national-2.0"),
    ])
    func `a card that is as its layout says has no such place`(card: String, layout: String) throws {
        let seen = try look(at: CardInspectionTests.Finished(card), by: layout)
        #expect(seen.dump.foreignPlaces.isEmpty && seen.findings.isEmpty)
        let json = try String(decoding: JSONEncoder().encode(seen.dump), as: UTF8.self)
        #expect(!json.contains("notInLayout"))
    }

    /// Where the list is another one, other places are looked for.
    @Test func `the places are the layout's setting`() throws {
        let compiled = try RegionLayout.compiled(
            """
            specificationVersion: "2.00"
            profile: region
            regionalPlaces: {files: {SSSE: [EF0D], DF01: [EF1B]}, directories: [DF0B]}
            """)
        #expect(compiled.layout.foreignPlaces.map(\.path) == ["SSSE/EF0D", "DF01/EF1B", "DF0B"])
        #expect(throws: Faults.self) {
            try RegionLayout.compiled(
                "specificationVersion: \"2.00\"\nprofile: region\nregionalPlaces: {files: {SSSE: [EF0D1]}}")
        }
    }
}

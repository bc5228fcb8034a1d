import CardApplication
import CardLayout
import Foundation
import ISO7816
import Personalization
import Testing
import VirtualCard

/// A new directory with a cyclic file, on a card that is pulled while it is made: each row stands there once.
@Suite final class TornRingTests {
    private let made: CardInspectionTests.Finished
    private let target: CompiledCard
    private let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    private let values = [
        "DF0A.EF05.regionNumber": "A123", "DF0A.EF07": "kind=A002|kind=A001", "DF01.EF08.maritalStatus": "2",
    ]

    init() throws {
        made = try CardInspectionTests.Finished("national-2.0")
        target = try RegionLayout.compiled(
            RegionLayout.newDirectoryWithRing(version: "2.00"), profile: RegionLayout.newDirectoryProfile)
        try made.card.write(stateFile: path)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The card as it was issued.
    private func bench() throws -> MigrationBench {
        let profile = made.factory.compiled.profile
        let copy = path + "-" + UUID().uuidString
        try FileManager.default.copyItem(atPath: path, toPath: copy)
        defer { try? FileManager.default.removeItem(atPath: copy) }
        let card = CardInspectionTests.Finished(made, card: try VirtualCard.open(stateFile: copy) { _ in profile })
        return try MigrationBench(card, to: target, values)
    }

    /// Takes away the lines of the card's journal from the first of the second stage on.
    private func loseLines(of bench: MigrationBench, keepingTheFirst: Bool = false) throws {
        let name = try #require(
            FileManager.default.contentsOfDirectory(atPath: bench.workshop.folder).first { !$0.hasSuffix(".key") })
        let journal = URL(filePath: bench.workshop.folder).appending(path: name)
        let bytes = [UInt8](try Data(contentsOf: journal))
        let lines = bytes.prefix { $0 != 0 }.split(separator: UInt8(ascii: "\n"))
        let stage = try #require(lines.firstIndex { $0 == Array("S 1".utf8)[...] })
        let kept = lines[..<(keepingTheFirst ? stage + 1 : stage)].flatMap { $0 + [UInt8(ascii: "\n")] }
        try Data(kept + [UInt8](repeating: 0, count: bytes.count - kept.count)).write(to: journal)
    }

    private func rows(_ bench: MigrationBench) throws -> FileReading.Outcome? {
        try CardReader(bench.finished.conversation(), target, presentsKeys: true).read(directories: ["DF0A"])
            .first { $0.file == "EF07" }?.outcome
    }

    /// The steps that write the directory's values and rows, with one on each side.
    private func cuts(_ bench: MigrationBench) throws -> Range<Int> {
        let stages = try bench.migration().plan.stages
        let stage = try #require(stages.firstIndex { $0.kind == .directory("DF0A") })
        let start = stages[..<stage].reduce(0) { $0 + $1.steps.count }
        #expect(stages[stage].steps.count { $0.purpose.subject.hasPrefix("DF0A/EF07/") } >= 2)
        return (start - 1)..<(start + stages[stage].steps.count + 1)
    }

    private func whole() throws -> (image: [UInt8], cuts: Range<Int>) {
        let bench = try bench()
        defer { bench.close() }
        let cuts = try cuts(bench)
        try bench.run()
        // the newest row first, as it was given
        #expect(try rows(bench) == .records([Array("A002".utf8), Array("A001".utf8)]))
        return (bench.finished.card.image, cuts)
    }

    @Test(arguments: FaultChannel.Moment.allCases) func everyRowStandsOnce(moment: FaultChannel.Moment) throws {
        let (image, cuts) = try whole()
        for cut in cuts {
            let bench = try bench()
            defer { bench.close() }
            #expect(throws: PersonalizationError.self) { try bench.run(on: bench.torn(at: cut, moment)) }
            try bench.run()
            #expect(bench.finished.card.image.elementsEqual(image), "cut \(cut)")
        }
    }

    /// A power cut takes every line that was not waited for: the last one left is that of the new directory's last step.
    @Test func everyRowStandsOnceAfterAPowerCut() throws {
        let (image, cuts) = try whole()
        for cut in cuts.dropFirst() {
            let bench = try bench()
            defer { bench.close() }
            #expect(throws: PersonalizationError.self) { try bench.run(on: bench.torn(at: cut, .beforeAnswer)) }
            try loseLines(of: bench)
            try bench.run()
            #expect(bench.finished.card.image.elementsEqual(image), "cut \(cut)")
        }
    }

    /// Rows that nobody planned are not ours to go on with.
    @Test func aRowOfSomebodyElseStopsTheMigration() throws {
        let (_, cuts) = try whole()
        let bench = try bench()
        defer { bench.close() }
        let last = cuts.upperBound - 1
        #expect(throws: PersonalizationError.self) { try bench.run(on: bench.torn(at: last, .beforeCommand)) }
        try loseLines(of: bench, keepingTheFirst: true)
        let commands = CardCommands(profile: target.profile)
        let directory = try #require(target.directory("DF0A"))
        let conversation = try bench.finished.conversation()
        try conversation.perform(.fixed(commands.select(identifier: 0xDF0A)), wantsAnswer: false)
        try conversation.present(try #require(directory.security.keys.first { $0.name == "UK1DF01" }))
        let file = try #require(directory.file("EF07")?.file)
        try conversation.perform(.fixed(commands.appendCyclic(to: file, Array("B999".utf8))))
        #expect(throws: PersonalizationError.notAsLeft(found: nil)) { try bench.run() }
    }
}

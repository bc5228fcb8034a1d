import CardApplication
import CardData
import CardLayout
import Foundation
import ISO7816
import IssuerKeys
import Personalization
import Testing
import VirtualCard

/// A card pulled while it is brought to another layout is finished on re-insertion, byte for byte as without the tear.
@Suite struct TornMigrationTests {
    typealias Finished = CardInspectionTests.Finished

    private struct Kind {
        let layout: String
        let chip: String
        let version: String
    }

    /// A card made once for all its tears: it is put back from its state file.
    private final class Site {
        let made: Finished
        let target: CompiledCard
        private let path: String
        private var known: CardDump?

        init(_ kind: Kind) throws {
            made = try Finished(kind.layout)
            target = try RegionLayout.compiled(
                RegionLayout.newDirectory(version: kind.version), profile: RegionLayout.newDirectoryProfile,
                extending: kind.layout, on: kind.chip)
            path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
            try made.card.write(stateFile: path)
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        func bench() throws -> MigrationBench {
            let profile = made.factory.compiled.profile
            let values = ["DF0A.EF05.regionNumber": "A123", "DF01.EF08.maritalStatus": "2"]
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
            try FileManager.default.copyItem(atPath: path, toPath: folder)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let card = Finished(made, card: try VirtualCard.open(stateFile: folder) { _ in profile })
            if known == nil { known = try MigrationBench(card, to: target, values).dump() }
            return try MigrationBench(card, to: target, values, holding: known)
        }
    }

    static let cases: [(String, FaultChannel.Moment)] = ["national-2.0", "national-3.0"].flatMap { layout in
        FaultChannel.Moment.allCases.map { (layout, $0) }
    }

    @Test(arguments: cases)
    func everyCutOfANewDirectoryEndsInAnIdenticalImage(layout: String, moment: FaultChannel.Moment) throws {
        let kind =
            layout == "national-2.0"
            ? Kind(layout: layout, chip: "fmcos-ssse", version: "2.00")
            : Kind(layout: layout, chip: "fmcos-ssse-sm4", version: "3.00")
        let site = try Site(kind)
        let whole = try site.bench()
        defer { whole.close() }
        let steps = try whole.migration().plan.steps
        #expect(try whole.migration().obstacles == [])
        try whole.run()
        let image = whole.finished.card.image
        // Written here, not asked of the code: the key file stands and its first key does not, so nobody has a right in the directory.
        let keyFile = try #require(steps.firstIndex { $0.purpose.kind == .createKeyFile })
        let lost = moment == .beforeAnswer ? [keyFile] : [keyFile + 1]
        #expect(steps[keyFile + 1].purpose.kind == .loadTransportKey)
        for cut in steps.indices {
            let bench = try site.bench()
            defer { bench.close() }
            #expect(throws: PersonalizationError.self) { try bench.run(on: bench.torn(at: cut, moment)) }
            do {
                try bench.run()
                #expect(bench.finished.card.image.elementsEqual(image), "cut \(cut) \(steps[cut].purpose)")
                #expect(!lost.contains(cut), "cut \(cut)")
            } catch PersonalizationError.directoryLost(let name) {
                #expect(name == "DF0A")
                #expect(lost.contains(cut), "cut \(cut) \(steps[cut].purpose)")
            }
        }
    }

    @Test func tornAgainAndAgainItIsStillFinished() throws {
        let site = try Site(Kind(layout: "national-2.0", chip: "fmcos-ssse", version: "2.00"))
        let whole = try site.bench()
        defer { whole.close() }
        let keyFile = try #require(try whole.migration().plan.steps.firstIndex { $0.purpose.kind == .createKeyFile })
        try whole.run()
        let bench = try site.bench()
        defer { bench.close() }
        #expect(throws: PersonalizationError.self) { try bench.run(on: bench.torn(at: keyFile + 3, .beforeAnswer)) }
        // What is asked first takes some commands; then one, two, three … of the plan's own are done before the next tear.
        var tears = 0
        for commands in 8..<60 {
            do {
                try bench.run(on: bench.torn(at: commands, commands.isMultiple(of: 2) ? .beforeAnswer : .beforeCommand))
                break
            } catch PersonalizationError.interrupted {
                tears += 1
            }
        }
        #expect(tears > 3)
        if !bench.finished.card.image.elementsEqual(whole.finished.card.image) { try bench.run() }
        #expect(bench.finished.card.image.elementsEqual(whole.finished.card.image))
    }

    @Test func aHalfMadeDirectoryWithoutItsJournalIsLeftAlone() throws {
        let site = try Site(Kind(layout: "national-2.0", chip: "fmcos-ssse", version: "2.00"))
        let bench = try site.bench()
        defer { bench.close() }
        let steps = try bench.migration().plan.steps
        let file = try #require(steps.firstIndex { $0.purpose.subject == "DF0A/EF06" })
        #expect(throws: PersonalizationError.self) { try bench.run(on: bench.torn(at: file, .beforeCommand)) }
        let elsewhere = try MigrationBench(bench.finished, to: site.target, bench.values)
        defer { elsewhere.close() }
        #expect(try elsewhere.migration().obstacles.map(\.code) == ["migrate.half-made"])
        #expect(try elsewhere.migration().plan.steps.allSatisfy { !$0.purpose.subject.hasPrefix("DF0A") })
    }

    @Test func whatIsNotAsTheJournalSaysIsNeverWrittenOver() throws {
        let site = try Site(Kind(layout: "national-2.0", chip: "fmcos-ssse", version: "2.00"))
        let bench = try site.bench()
        defer { bench.close() }
        let steps = try bench.migration().plan.steps
        let last = try #require(steps.lastIndex { $0.purpose.kind == .createFile })
        #expect(throws: PersonalizationError.self) { try bench.run(on: bench.torn(at: last, .beforeCommand)) }
        // Somebody else goes on with the card and writes the region's number.
        let other = try bench.finished.conversation()
        let commands = CardCommands(profile: site.target.profile)
        let directory = try #require(site.target.directory("DF0A"))
        let key = try #require(directory.security.keys.first { $0.name == "UK1DF01" })
        try other.perform(.fixed(commands.select(identifier: 0xDF0A)), wantsAnswer: false)
        for _ in 0..<2 { try other.perform(.fixed(commands.getChallenge(8))) }
        try other.perform(
            .authenticate(.issuer(KeyName(rawValue: "UK1DF01")), identifier: key.identifier, form: .session))
        let file = try #require(directory.file("EF05")?.file)
        try other.perform(.fixed(commands.updateRecord(1, of: file, [0x20, 0x04] + Array("B999".utf8))))
        let before = bench.finished.card.image
        #expect(throws: PersonalizationError.notAsLeft(found: nil)) { try bench.run() }
        #expect(bench.finished.card.image == before)
    }

    @Test func anotherCardOfTheSameChipIsNotGoneOnWith() throws {
        let site = try Site(Kind(layout: "national-2.0", chip: "fmcos-ssse", version: "2.00"))
        let bench = try site.bench()
        defer { bench.close() }
        let update = try #require(
            try bench.migration().plan.steps.firstIndex { $0.purpose.subject == "DF01/EF08/maritalStatus" })
        #expect(throws: PersonalizationError.self) { try bench.run(on: bench.torn(at: update, .beforeCommand)) }
        // The same chip with another identification code.
        let conversation = try bench.finished.conversation()
        let profile = bench.finished.factory.compiled
        let commands = CardCommands(profile: profile.profile)
        let environment = try #require(profile.directory("SSSE"))
        let key = try #require(environment.security.keys.first { $0.name == "UKSSSE" })
        try conversation.perform(.fixed(commands.select(identifier: environment.identifier)), wantsAnswer: false)
        for _ in 0..<2 { try conversation.perform(.fixed(commands.getChallenge(8))) }
        try conversation.perform(
            .authenticate(.issuer(KeyName(rawValue: "UKSSSE")), identifier: key.identifier, form: .session))
        let file = try #require(environment.file("EF05")?.file)
        let code = [UInt8](repeating: 0x99, count: 16)
        try conversation.perform(.fixed(commands.updateRecord(1, of: file, [0x01, 0x10] + code)))
        #expect(throws: PersonalizationError.notAsLeft(found: String(repeating: "99", count: 16))) { try bench.run() }
    }
}

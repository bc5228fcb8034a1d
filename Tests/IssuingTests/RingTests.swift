import CardApplication
import CardCryptography
import CardLayout
import Foundation
import ISO7816
import IssuerKeys
import Issuing
import Lifecycle
import Testing
import VirtualCard

/// Cyclic files on issued cards: the newest row is the first, the oldest falls out, and behind the last row there is nothing.
@Suite struct RingTests {
    private static let layouts = [
        "national-2.0", "national-3.0", "national-2.0@fmcos", "national-2.0@timecos", "national-2.0@t514",
        "national-2.0@mcos",
    ]

    private let counter: Counter

    init() throws { counter = try Counter() }

    /// An issued card and a way to talk to it.
    private struct Site {
        let compiled: CompiledCard
        let conversation: CardConversation

        var commands: CardCommands { CardCommands(profile: compiled.profile) }

        func enter(_ name: String) throws -> CompiledDirectory {
            let directory = try #require(compiled.directory(name))
            let parent = try #require(
                directory.directory?.parent.flatMap(compiled.directory)?.directory?.dedicatedFileName)
            for name in [parent, try #require(directory.directory?.dedicatedFileName)] {
                try conversation.perform(.fixed(commands.select(name: name)), wantsAnswer: false)
            }
            return directory
        }

        func rows(_ directory: String, _ file: String) throws -> FileReading.Outcome? {
            try CardReader(conversation, compiled, presentsKeys: true, pinLength: 3).read(directories: [directory])
                .first { $0.file == file }?.outcome
        }
    }

    private func issued(_ layout: String, home: String = Counter.home) throws -> Site {
        let preparation = CardPreparation(
            library: try CardLibrary(home: home), keys: counter.preparation.keys, policy: counter.preparation.policy,
            today: counter.preparation.today)
        let compiled = try preparation.library.entry(layout).compiled
        let card = try VirtualCard(profile: compiled.profile, serialNumber: [0x99, 0x01, 0x00, 0x00, 0x00, 0x01])
        let channel = try VirtualCardChannel(card)
        try TrainingCardMaker(preparation).make(TrainingCard("issued"), layoutName: layout, through: channel)
        try channel.reset()
        let context = try #require(
            CardKeyContext(channel.answerToReset, profile: compiled.profile, area: preparation.policy.area))
        return Site(
            compiled: compiled,
            conversation: CardConversation(
                channel, profile: compiled.profile, keys: preparation.keys, context: context,
                pin: try .init(digits: TrainingCard.pinDigits)))
    }

    private func row(_ number: UInt8, of file: ElementaryFile) throws -> [UInt8] {
        guard case .cyclic(_, let length) = file.structure else { throw CardError.noChallenge }
        return [UInt8](repeating: number, count: length)
    }

    /// The ring of past employments: four rows, written under UK3DF02.
    private func check(_ site: Site) throws {
        #expect(try site.rows("DF02", "EF07") == .neverWritten)
        for last in 1...6 as ClosedRange<UInt8> {
            let directory = try site.enter("DF02")
            let file = try #require(directory.file("EF07")?.file)
            try site.conversation.present(try #require(directory.security.keys.first { $0.name == "UK3DF02" }))
            try site.conversation.perform(.fixed(site.commands.appendCyclic(to: file, row(last, of: file))))
            let expected = try (1...last).reversed().prefix(4).map { try row($0, of: file) }
            #expect(try site.rows("DF02", "EF07") == .records(expected), "after \(last) rows")
        }
    }

    @Test(arguments: layouts) func theNewestRowIsTheFirstAndTheOldestFallsOut(layout: String) throws {
        try check(issued(layout))
    }

    /// Whatever a record answers that nobody has written, it is not taken for a row.
    @Test(arguments: UnwrittenRecord.allCases) func behindTheLastRowThereIsNothing(unwritten: UnwrittenRecord) throws {
        let home = counter.folder + "/home"
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: Counter.home + "/CardLayouts", toPath: home + "/CardLayouts")
        let setting = ["notFound": "not-found", "warning": "warning", "filled": "filled"][unwritten.rawValue] ?? ""
        try "name: ring\nextends: fmcos-ssse\nunwrittenRecord: \(setting)\n".write(
            toFile: home + "/CardLayouts/profiles/ring.yaml", atomically: true, encoding: .utf8)
        let site = try issued("national-2.0@ring", home: home)
        #expect(site.compiled.profile.unwrittenRecord == unwritten)
        try check(site)
    }

    /// EF08 of DF04 is the card's own: neither PIN nor any key of the application lets anybody write a transaction.
    @Test(arguments: layouts) func nobodyButTheCardWritesTheTransactionLog(layout: String) throws {
        let site = try issued(layout)
        let directory = try site.enter("DF04")
        let file = try #require(directory.file("EF08")?.file)
        let free = site.compiled.profile.accessUnits.freeByte
        let keys = directory.security.keys.filter { $0.type == 0x39 && $0.useRight == free }
        #expect(keys.count >= 4)
        for key in keys + directory.security.keys.filter(\.isPIN) {
            _ = try site.enter("DF04")
            if key.isPIN {
                try site.conversation.perform(.verifyPIN(identifier: 0, length: 3))
            } else {
                try site.conversation.present(key)
            }
            let answer = try site.conversation.send(.fixed(site.commands.appendCyclic(to: file, row(7, of: file))))
            #expect(answer.statusWord == .securityStatusNotSatisfied, "\(key)")
        }
        #expect(try site.rows("DF04", "EF08") == .neverWritten)
    }
}

import CardData
import Foundation
import ISO7816
import Issuing
import Personalization
import Testing
import VirtualCard

/// A place that only looks at a card: nothing is made in its folder, and journals that it cannot look at are told and no error.
@Suite struct LookingInspectionTests {
    private let counter: Counter
    private let card: VirtualCard

    init() throws {
        counter = try Counter()
        card = try counter.blank()
    }

    private var journals: String { counter.folder + "/journal" }

    private func standing(in folder: String, with key: SealingKey? = nil) throws -> CardStanding {
        let channel = try VirtualCardChannel(card)
        try channel.reset()
        return try CardInspection(
            preparation: counter.preparation, journalFolder: folder, sealingKey: key, isRegistered: { _ in nil }
        ).standing(of: channel, layoutName: "national-2.0")
    }

    /// A card that was pulled while it was made; its journal ends in the middle of a line, as a cut leaves it.
    private func tear() throws -> String {
        let torn = try FaultChannel(VirtualCardChannel(card), cutAt: 200, .beforeAnswer) { [card] in card.powerOff() }
        #expect(throws: IssuingError.self) { try counter.desk.issue(counter.request(counter.row()), through: torn) }
        let identity = try #require(CardIdentity(VirtualCardChannel(card).answerToReset))
        return "\(journals)/\(identity.text).journal"
    }

    @Test func whereThereIsNoKeyThereAreNoJournalsAndNoneIsMade() throws {
        let empty = counter.folder + "/empty"
        try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
        for folder in [empty, counter.folder + "/nowhere"] {
            let told = try standing(in: folder)
            #expect(told.kind == .blank && told.unread.isEmpty && told.exitCode == 0)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: empty).isEmpty)
        #expect(!FileManager.default.fileExists(atPath: counter.folder + "/nowhere"))
    }

    @Test func aJournalIsLookedAtAndNotTidiedUp() throws {
        let path = try tear()
        let handle = try #require(FileHandle(forUpdatingAtPath: path))
        let whole = try Data(contentsOf: URL(filePath: path))
        let end = try #require(whole.firstIndex(of: 0))
        try handle.seek(toOffset: UInt64(end))
        try handle.write(contentsOf: Data("+1".utf8))
        try handle.close()
        let before = try Data(contentsOf: URL(filePath: path))
        #expect(try standing(in: journals).kind == .torn)
        #expect(try Data(contentsOf: URL(filePath: path)) == before)
        // going on tidies up
        #expect(try counter.issue(card).wasResumed)
    }

    @Test func aJournalWithoutItsKeyIsToldAsNotLookedAt() throws {
        let path = try tear()
        let folder = counter.folder + "/copied"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            atPath: path, toPath: folder + "/" + (path.split(separator: "/").last.map(String.init) ?? ""))
        let told = try standing(in: folder)
        #expect(told.unread.map(\.code.rawValue) == ["journal.cannot-read"])
        #expect(told.exitCode == 3)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 1)
    }

    @Test func aKeyThatIsSomebodyElsesIsToldAndAnErrorToWhoeverMakesCards() throws {
        let key = journals + "/journal.key"
        _ = try SealingKey.load(in: journals)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: key)
        let blank = try standing(in: journals)
        #expect(blank.kind == .blank && blank.exitCode == 3)
        #expect(blank.unread.map(\.code.rawValue) == ["journal.key-unfit"])
        #expect(throws: JournalError.keyUnfit(key)) { try SealingKey.load(in: journals) }
        // to a card of another kind journals say nothing
        let channel = try VirtualCardChannel(card)
        let other = try CardInspection(
            preparation: counter.preparation, journalFolder: journals, sealingKey: nil, isRegistered: { _ in nil }
        ).standing(of: channel, layoutName: nil)
        #expect(other.kind == .foreign && other.unread.isEmpty)
    }
}

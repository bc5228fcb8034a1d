import CardCryptography
import Foundation
import ISO7816
import Testing

@testable import Personalization

@Suite final class JournalTests {
    private let folder: String
    private let key: SealingKey
    private let card: CardIdentity
    private let content: JournalContent

    init() throws {
        folder = NSTemporaryDirectory() + "sscard-journal-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        key = SealingKey(try SecureRandom.secret(32))
        let answer = try AnswerToReset(bytes: [0x3B, 0x62, 0x00, 0x00, 0x99, 0x01])
        card = try #require(CardIdentity(answer))
        content = JournalContent(
            planHash: [UInt8](repeating: 7, count: 32), values: ["cardNumber": "A00000018"], notes: [:],
            pin: try PersonalIdentificationNumber(digits: "135790"))
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private var path: String { "\(folder)/\(card.text).journal" }

    private func resumed() throws -> (Journal, JournalContent, Journal.Position) {
        try #require(try Journal.resume(in: folder, card: card, key: key))
    }

    @Test func whatWasNotedIsThereAfterwards() throws {
        let journal = try Journal.begin(in: folder, card: card, content: content, key: key)
        #expect(try resumed().2 == Journal.Position())
        try journal.note(stage: 0)
        for step in 0..<3 { try journal.note(finishedStep: step) }
        var expected = Journal.Position(stage: 0)
        expected.finishedSteps = 3
        #expect(try resumed().2 == expected)
        try journal.note(stage: 12)
        try journal.announce(step: 104, isFirst: true)
        expected = Journal.Position(stage: 12)
        expected.announcedStep = 104
        #expect(try resumed().2 == expected)
        try journal.noteFinished()
        let (_, content, position) = try resumed()
        #expect(position.isFinished)
        #expect(content.values == self.content.values)
    }

    @Test func outcomesThatMayWaitAreWrittenAFewAtATime() throws {
        let journal = try Journal.begin(in: folder, card: card, content: content, key: key)
        try journal.note(stage: 0)
        for step in 0..<7 { try journal.note(finishedStep: step, .gathered) }
        #expect(try resumed().2 == Journal.Position(stage: 0))
        try journal.note(finishedStep: 7, .gathered)
        #expect(try resumed().2.finishedSteps == 8)
        // What presses takes with it what waited, in the order it was noted.
        try journal.note(finishedStep: 8, .gathered)
        try journal.note(stage: 12)
        try journal.announce(step: 3, isFirst: true)
        var expected = Journal.Position(stage: 12)
        expected.announcedStep = 3
        #expect(try resumed().2 == expected)
        try journal.note(finishedStep: 4, .gathered)
        try journal.writeGathered()
        expected = Journal.Position(stage: 12)
        expected.finishedSteps = 5
        #expect(try resumed().2 == expected)
    }

    @Test func moreLinesThanThereWasRoomForAreKept() throws {
        let journal = try Journal.begin(in: folder, card: card, content: content, key: key)
        try journal.note(stage: 1)
        for step in 0..<5000 { try journal.note(finishedStep: step) }
        #expect(try resumed().2.finishedSteps == 5000)
    }

    @Test func aRemovedJournalIsGoneForGoodOrItIsTold() throws {
        try Journal.begin(in: folder, card: card, content: content, key: key).remove()
        #expect(try Journal.resume(in: folder, card: card, key: key) == nil)
        let journal = try Journal.begin(in: folder, card: card, content: content, key: key)
        // Without the folder there is nothing that could be brought to the disk.
        try FileManager.default.removeItem(atPath: folder)
        #expect(throws: JournalError.self) { try journal.remove() }
    }

    /// A power cut leaves half a line, and of two pages of the file perhaps only the later one.
    @Test func whatAPowerCutLeavesBehindTheLastWholeLineIsForgotten() throws {
        let journal = try Journal.begin(in: folder, card: card, content: content, key: key)
        try journal.note(stage: 2)
        for step in 0..<4 { try journal.note(finishedStep: step) }
        var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        let end = try #require(bytes.firstIndex(of: 0))
        // "+ 3\n" loses its end; further back there is a line whose forerunners were lost
        bytes.replaceSubrange(end - 2..<end, with: [0, 0])
        bytes.replaceSubrange(end + 6..<end + 8, with: Array("E\n".utf8))
        try Data(bytes).write(to: URL(filePath: path))

        let (again, _, position) = try resumed()
        #expect(position.finishedSteps == 3)
        #expect(!position.isFinished)
        for step in 3..<6 { try again.note(finishedStep: step) }
        let last = try resumed().2
        #expect(last.finishedSteps == 6)
        #expect(!last.isFinished)
    }

    private var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted() }

    /// What a crash left of a beginning, under the name that every beginning had before, or one of its own, goes with the next one.
    @Test func whatABeginningLeftIsRemoved() throws {
        let own = "\(card.text).journal"
        let left = [own + ".new", own + ".17.new"]
        func leave() throws {
            for name in left { try Data("SSCJ1 00".utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)")) }
        }
        try leave()
        try Data().write(to: URL(fileURLWithPath: "\(folder)/other.journal.new"))
        let journal = try Journal.begin(in: folder, card: card, content: content, key: key)
        #expect(names == [own, "other.journal.new"].sorted())
        try leave()
        try journal.remove()
        #expect(names == ["other.journal.new"])
    }

    /// A beginning that fails leaves nothing, and the journal that is there as it was.
    @Test func aBeginningThatFailsLeavesNothing() throws {
        let journal = try Journal.begin(in: folder, card: card, content: content, key: key)
        try journal.note(stage: 3)
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(throws: JournalError.alreadyBegun(card)) {
            try Journal.begin(in: folder, card: card, content: content, key: key)
        }
        #expect(names == ["\(card.text).journal"])
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    }

    /// Nobody's file is written over, and no other file through a link.
    @Test func aBeginningWritesIntoNoFileThatIsThere() throws {
        let kept = folder + "/kept"
        try Data("kept".utf8).write(to: URL(fileURLWithPath: kept))
        try FileManager.default.createSymbolicLink(atPath: path + ".new", withDestinationPath: kept)
        _ = try Journal.begin(in: folder, card: card, content: content, key: key)
        #expect(try String(contentsOfFile: kept, encoding: .utf8) == "kept")
    }
}

import ByteText
import Foundation
import ISO7816
import SmartCardReader
import Testing

/// True inside Scripts/reader-namespace, where virtual readers wait on 127.0.0.1.
let hasReaders = ProcessInfo.processInfo.environment["SSCARD_TEST_READERS"] == "1"

/// Through the real pcscd and vpcd.
///
/// Each test has slots of its own, 0 to 10; 11 to 13 are those of other suites here, the rest is free.
@Suite(.enabled(if: hasReaders), .timeLimit(.minutes(2)))
struct SmartCardReaderTests {
    /// GET CHALLENGE for 8 bytes.
    private static let challenge = CommandAPDU(0x00, 0x84, 0x00, 0x00, le: 0x08)

    /// pcscd lists vpcd's slots in the order of their ports.
    private func reader(_ slot: Int) throws -> SmartCardReader {
        let readers = try ReaderList.current()
        try #require(readers.count > slot)
        return SmartCardReader(readers[slot].name)
    }

    @Test func commandsReachTheCardAndAnswersComeBack() async throws {
        let inserted = try InsertedCard(
            ScriptedCard(answers: [[0x00, 0xB0, 0x00, 0x00]: [UInt8](repeating: 0x5A, count: 256) + [0x90, 0x00]]),
            slot: 0)
        let reader = try reader(0)
        let seen = try await reader.waitForCard()
        #expect(seen.cardState == .present)
        #expect(seen.answerToReset?.bytes == inserted.card.answerToReset)
        #expect(seen.answerToReset?.historicalBytes == Array("SSSE".utf8))
        let answers = try await reader.withCard { card in
            #expect(card.answerToReset.bytes == seen.answerToReset?.bytes)
            return [
                try card.transmit(Self.challenge),
                try card.transmit(CommandAPDU(0x00, 0xB0, 0x00, 0x00, le: 0x00)),
                try card.transmit(CommandAPDU(0x00, 0xA4, 0x04, 0x00, data: [0x73, 0x78], expectedLength: 256)),
            ]
        }
        #expect(answers[0] == ResponseAPDU(data: [1, 2, 3, 4, 5, 6, 7, 8], .success))
        #expect(answers[1] == ResponseAPDU(data: [UInt8](repeating: 0x5A, count: 256), .success))
        #expect(answers[2].statusWord == .instructionNotSupported)
        // vpcd reports T=1, where all four cases go as they are.
        #expect(
            inserted.card.commands == [
                [0x00, 0x84, 0x00, 0x00, 0x08], [0x00, 0xB0, 0x00, 0x00, 0x00],
                [0x00, 0xA4, 0x04, 0x00, 0x02, 0x73, 0x78, 0x00],
            ])
    }

    @Test func theListTellsWhatIsInTheSlots() async throws {
        let inserted = try InsertedCard(slot: 1)
        let name = try reader(1).name
        _ = try await reader(1).waitForCard()
        let listed = try ReaderList.reader(named: name.rawValue)
        #expect(listed.isCardPresent)
        #expect(listed.answerToReset?.bytes == inserted.card.answerToReset)
        #expect(!listed.name.looksLikeSAMSlot)
        inserted.pull()
        _ = try await reader(1).waitForRemoval(of: listed)
        let after = try ReaderList.reader(named: name.rawValue)
        #expect(after.cardState == .empty)
        #expect(after.eventCounter == listed.eventCounter + 1)
    }

    @Test func anEmptySlotAndAnUnknownReaderAreNamed() async throws {
        let empty = try reader(7)
        await #expect(throws: ReaderError.noCard(empty.name)) { try await empty.withCard { _ in } }
        let nobody = try SmartCardReader(#require(ReaderName(rawValue: "No such reader")))
        let error = await #expect(throws: ReaderError.self) { try await nobody.withCard { _ in } }
        guard case .readerNotFound("No such reader", let available) = error else {
            Issue.record("not \(String(describing: error))")
            return
        }
        #expect(available.contains(empty.name))
    }

    @Test func aCardPulledInMidPlanIsNoticed() async throws {
        let inserted = try InsertedCard(slot: 2)
        let reader = try reader(2)
        _ = try await reader.waitForCard()
        await #expect(throws: CardChannelError.cardRemoved) {
            try await reader.withCard { card in
                _ = try card.transmit(Self.challenge)
                inserted.pull()
                _ = try card.transmit(Self.challenge)
            }
        }
    }

    @Test func aCardSwappedInMidPlanIsNoticedEvenWhenThePlanSwallowsTheError() async throws {
        let first = try InsertedCard(slot: 3)
        let reader = try reader(3)
        let seen = try await reader.waitForCard()
        await #expect(throws: CardChannelError.cardRemoved) {
            try await reader.withCard { card in
                first.pull()
                try Self.waitForEvent(1, after: seen)
                let second = try InsertedCard(slot: 3)
                try Self.waitForEvent(2, after: seen)
                #expect(throws: CardChannelError.cardRemoved, "the old hold does not reach the new card") {
                    try card.transmit(Self.challenge)
                }
                #expect(second.card.commands.isEmpty)
            }
        }
    }

    @Test func aCardPulledAfterItsLastAnswerLeavesTheResultTrue() async throws {
        let inserted = try InsertedCard(slot: 4)
        let reader = try reader(4)
        let seen = try await reader.waitForCard()
        let answer = try await reader.withCard { card in
            let answer = try card.transmit(Self.challenge)
            inserted.pull()
            try Self.waitForEvent(1, after: seen)
            return answer
        }
        #expect(answer.statusWord == .success)
    }

    @Test func aCardHeldByAnotherProgramIsReportedAfterTheWait() async throws {
        let inserted = try InsertedCard(slot: 5)
        let (holder, other) = (try reader(5), try reader(5))
        _ = try await holder.waitForCard()
        let (held, release) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let holding = Task.detached {
            try await holder.withCard { _ in
                held.signal()
                release.wait()
            }
        }
        await Self.wait(for: held)
        let error = await #expect(throws: ReaderError.self) { try await other.withCard(patience: .zero) { _ in } }
        switch error {
        // The holder is this very program; programs of other tests may be known to the service at the same moment.
        case .cardHeld(other.name), .cardHeldByOneOf(other.name, _): break
        default: Issue.record("not held: \(String(describing: error))")
        }
        #expect(try ReaderList.reader(named: other.name.rawValue).isHeldExclusively)
        // The other one waits for its turn when it is given time.
        async let later = other.withCard(patience: .seconds(60)) { try $0.transmit(Self.challenge) }
        release.signal()
        try await holding.value
        #expect(try await later.statusWord == .success)
        #expect(inserted.card.commands.count == 1)
    }

    @Test func theCardForgetsAfterwardsUnlessToldOtherwise() async throws {
        let inserted = try InsertedCard(slot: 6)
        let reader = try reader(6)
        _ = try await reader.waitForCard()
        try await reader.withCard(afterwards: .leave) { _ = try $0.transmit(Self.challenge) }
        let left = inserted.card.resets
        try await reader.withCard { _ = try $0.transmit(Self.challenge) }
        #expect(left == 0)
        #expect(inserted.card.resets == 1)
        try await reader.withCard(afterwards: .leave) { card in
            _ = try card.transmit(Self.challenge)
            try card.reset()
            _ = try card.transmit(Self.challenge)
        }
        #expect(inserted.card.resets == 2)
    }

    @Test func waitingEndsWhenItIsCancelled() async throws {
        let reader = try reader(7)
        let waiting = Task { try await reader.waitForCard() }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
    }

    @Test func manyCallsFromManyTasksReachTheCardOneAfterTheOther() async throws {
        let inserted = try InsertedCard(
            ScriptedCard(answers: [[0x00, 0xB2, 0x01, 0x04]: [0x01, 0x90, 0x00]]), slot: 8)
        let reader = try reader(8)
        _ = try await reader.waitForCard()
        try await withThrowingTaskGroup { group in
            for _ in 0..<20 {
                group.addTask {
                    try await reader.withCard(afterwards: .leave) { card in
                        _ = try card.transmit(Self.challenge)
                        _ = try card.transmit(CommandAPDU(0x00, 0xB2, 0x01, 0x04, le: 0x00))
                    }
                }
            }
            try await group.waitForAll()
        }
        let instructions = inserted.card.commands.map { $0[1] }
        #expect(instructions == Array(repeating: [0x84, 0xB2], count: 20).flatMap { $0 })
    }

    @Test func anAnswerLongerThanAnyShortOneIsRefused() async throws {
        let inserted = try InsertedCard(
            ScriptedCard(answers: [
                [0x00, 0xB0, 0x00, 0x00]: [UInt8](repeating: 0x5A, count: 300) + [0x90, 0x00],
                [0x00, 0xB0, 0x00, 0x01]: [0x90],
                [0x00, 0xB0, 0x00, 0x02]: [UInt8](repeating: 0x5A, count: 257) + [0x90, 0x00],
            ]), slot: 9)
        let reader = try reader(9)
        _ = try await reader.waitForCard()
        for p2 in [0x02, 0x01, 0x00] as [UInt8] {
            await #expect(throws: CardChannelError.self) {
                try await reader.withCard { _ = try $0.transmit(CommandAPDU(0x00, 0xB0, 0x00, p2, le: 0x00)) }
            }
        }
        #expect(inserted.card.commands.count == 3)
    }

    /// What read_card.py takes from a card is checked with a card that answers from a table; the records' layout is
    /// card.md §1.4, the person invented.
    @Test func theIndependentReaderFindsTheHolder() async throws {
        let environment = try #require([UInt8](hexadecimal: "7378312E73682EC9E7BBE1B1A3D5CF"))
        let number = Array("9900001990010100".utf8)
        func record(_ tag: UInt8, _ value: [UInt8]) -> [UInt8] { [tag, UInt8(value.count)] + value + [0x90, 0x00] }
        let name = try #require([UInt8](hexadecimal: "D5C5C8FD"))  // 张三 in GBK (swift.md §6)
        let card = ScriptedCard(answers: [
            [0x00, 0xA4, 0x04, 0x00]: [0x61, 0x02], [0x00, 0xC0, 0x00, 0x00]: [0x6F, 0x00, 0x90, 0x00],
            [0x00, 0xB2, 0x01, 0x2C]: [0x69, 0x82],
            [0x00, 0xB2, 0x02, 0x2C]: record(0x07, Array("A00000017".utf8)),
            [0x00, 0xB2, 0x03, 0x2C]: [0x6A, 0x83],
            [0x00, 0xB2, 0x01, 0x34]: record(0x08, number + [0, 0]),
            [0x00, 0xB2, 0x02, 0x34]: record(0x09, name + [UInt8](repeating: 0, count: 26)),
            [0x00, 0xB2, 0x03, 0x34]: [0x6A, 0x83],
        ])
        let inserted = try InsertedCard(card, slot: 10)
        _ = try await reader(10).waitForCard()
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Independent/read_card.py").path
        let (status, output) = try await Self.run("/usr/bin/python3", [script, "10"])
        #expect(status == 0)
        let found = try JSONDecoder().decode([String: String?].self, from: output)
        #expect(found == ["cardNumber": "A00000017", "citizenNumber": "9900001990010100", "name": "张三"])
        #expect(inserted.card.commands.first == [0x00, 0xA4, 0x04, 0x00, 0x0F] + environment)
    }

    /// Runs a program and waits for its end off the cooperative pool.
    private static func run(_ program: String, _ arguments: [String]) async throws -> (status: Int32, output: Data) {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        try process.run()
        await wait(for: ended)
        return (process.terminationStatus, pipe.fileHandleForReading.readDataToEndOfFile())
    }

    /// Looks at the slot until its event counter has gone on by so many; pcscd looks at its slots every 400 ms.
    private static func waitForEvent(_ count: UInt16, after seen: ReaderDescription) throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while try ReaderList.reader(named: seen.name.rawValue).eventCounter &- seen.eventCounter < count {
            try #require(ContinuousClock.now < deadline)
        }
    }

    /// Waits on a thread that is not the cooperative pool's.
    private static func wait(for semaphore: DispatchSemaphore) async {
        await withCheckedContinuation { continuation in
            Thread {
                semaphore.wait()
                continuation.resume()
            }.start()
        }
    }
}

import Foundation
import SmartCardReader
import Synchronization
import VirtualCard

/// A card of this suite in one slot of the test's own pcscd, pulled when it goes out of scope.
///
/// Which slots there are is agreed with Scripts/test: sixteen, and each test that inserts a card has one to itself.
final class InsertedCard: Sendable {
    let card: ScriptedCard
    private let connection: VirtualReaderConnection
    private let isOut = DispatchSemaphore(value: 0)

    /// Puts a card into a slot.
    init(_ card: ScriptedCard = ScriptedCard(), slot: Int) throws {
        self.card = card
        let connection = try VirtualReaderConnection(port: VirtualReaderConnection.firstPort + UInt16(slot))
        self.connection = connection
        let isOut = isOut
        Thread {
            _ = try? connection.serve(card)
            isOut.signal()
        }.start()
    }

    /// Pulls the card and waits until the connection is closed.
    func pull() {
        connection.stop()
        isOut.wait()
        isOut.signal()
    }

    deinit { connection.stop() }
}

/// Answers commands from a table, by their first four bytes, others with 6D00, and notes what happens to it.
final class ScriptedCard: VirtualReaderCard, Sendable {
    let answerToReset: [UInt8]
    private let answers: [[UInt8]: [UInt8]]
    private let state = Mutex(State())

    struct State {
        var commands: [[UInt8]] = []
        var resets = 0
        var beforeAnswer: (@Sendable ([UInt8]) -> Void)?
    }

    /// - Parameter answers: data and status word for each header.
    init(
        answerToReset: [UInt8] = [0x3B, 0x84, 0x01, 0x53, 0x53, 0x53, 0x45, 0x93], answers: [[UInt8]: [UInt8]] = [:]
    ) {
        self.answerToReset = answerToReset
        self.answers = answers.merging([[0x00, 0x84, 0x00, 0x00]: [1, 2, 3, 4, 5, 6, 7, 8, 0x90, 0x00]]) { mine, _ in
            mine
        }
    }

    var commands: [[UInt8]] { state.withLock { $0.commands } }
    var resets: Int { state.withLock { $0.resets } }

    /// Has something done with each command before it is answered.
    func beforeAnswer(_ action: @escaping @Sendable ([UInt8]) -> Void) { state.withLock { $0.beforeAnswer = action } }

    func powerOn() {}
    func powerOff() {}
    func reset() { state.withLock { $0.resets += 1 } }
    func idle() {}

    func respond(to command: [UInt8]) -> [UInt8] {
        let action = state.withLock { state in
            state.commands.append(command)
            return state.beforeAnswer
        }
        action?(command)
        return answers[Array(command.prefix(4))] ?? [0x6D, 0x00]
    }
}

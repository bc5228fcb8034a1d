import ByteText
import ISO7816

/// A card that gives answers in a fixed order and notes what it was asked; it falls mute after the last one, and before a command
/// that it does not expect.
final class ScriptedChannel: CardChannel {
    let answerToReset: AnswerToReset
    let largestCommandData = 255
    private(set) var received: [String] = []
    private(set) var resets = 0
    private var answers: [String]
    /// What it must be asked, in this order; nil for anything.
    private var expected: [String]?

    /// Answers as hexadecimal text, whatever is asked.
    init(_ answers: [String], answerToReset: String = "3B00") throws {
        self.answerToReset = try AnswerToReset(bytes: bytes(answerToReset))
        self.answers = answers
    }

    /// Commands and the answers to them alone, as hexadecimal text.
    convenience init(expecting script: [(command: String, response: String)]) throws {
        try self.init(script.map(\.response))
        expected = script.map(\.command)
    }

    /// Whether every answer was given.
    var isFinished: Bool { answers.isEmpty }

    func transmit(_ command: CommandAPDU) throws(CardChannelError) -> ResponseAPDU {
        let text = command.bytes.hexadecimal
        received.append(text)
        let isExpected = expected.map { $0.first == text } ?? true
        guard isExpected, let answer = answers.first, let bytes = [UInt8](hexadecimal: answer) else { throw .cardMute }
        answers.removeFirst()
        expected?.removeFirst()
        do { return try ResponseAPDU(bytes: bytes) } catch { throw .malformedAnswer(error.count) }
    }

    func reset() throws(CardChannelError) { resets += 1 }
}

import ByteText
import ISO7816

/// A card that gives answers in a fixed order, whatever it is asked, and notes what that was; it falls mute after the last.
final class ScriptedChannel: CardChannel {
    let answerToReset: AnswerToReset
    let largestCommandData = 255
    private(set) var received: [String] = []
    private(set) var resets = 0
    private var answers: [String]

    /// Answers as hexadecimal text.
    init(_ answers: [String]) throws {
        answerToReset = try AnswerToReset(bytes: [0x3B, 0x00])
        self.answers = answers
    }

    func transmit(_ command: CommandAPDU) throws(CardChannelError) -> ResponseAPDU {
        received.append(command.bytes.hexadecimal)
        guard let answer = answers.first, let bytes = [UInt8](hexadecimal: answer) else { throw .cardMute }
        answers.removeFirst()
        do { return try ResponseAPDU(bytes: bytes) } catch { throw .malformedAnswer(error.count) }
    }

    func reset() throws(CardChannelError) { resets += 1 }
}

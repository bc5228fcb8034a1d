import ByteText
import ISO7816

/// A card that expects commands in a fixed order; any other command, or one too many, finds it mute.
final class ExpectingCard: CardChannel {
    let answerToReset: AnswerToReset
    let largestCommandData = 255
    private(set) var received: [String] = []
    private var script: [(command: String, response: String)]

    /// Commands and responses as hexadecimal text.
    init(_ script: [(command: String, response: String)]) throws {
        answerToReset = try AnswerToReset(bytes: [0x3B, 0x00])
        self.script = script
    }

    /// Whether every expected command came.
    var isFinished: Bool { script.isEmpty }

    func transmit(_ command: CommandAPDU) throws(CardChannelError) -> ResponseAPDU {
        received.append(command.bytes.hexadecimal)
        guard let next = script.first, next.command == command.bytes.hexadecimal else { throw .cardMute }
        script.removeFirst()
        guard let bytes = [UInt8](hexadecimal: next.response) else { throw .malformedAnswer(0) }
        do { return try ResponseAPDU(bytes: bytes) } catch { throw .malformedAnswer(error.count) }
    }

    func reset() throws(CardChannelError) {}
}

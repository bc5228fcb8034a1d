import ByteText
import ISO7816

/// Writes down what passes through it, for the C replay.
final class RecordingChannel: CardChannel {
    private let base: any CardChannel
    /// The commands as they were sent.
    private(set) var commands: [[UInt8]] = []
    /// The answers to them.
    private(set) var responses: [ResponseAPDU] = []
    /// Bytes of all commands and all answers.
    private(set) var byteCount = 0

    init(_ base: any CardChannel) { self.base = base }

    var answerToReset: AnswerToReset { base.answerToReset }
    var largestCommandData: Int { base.largestCommandData }

    func transmit(_ command: CommandAPDU) throws(CardChannelError) -> ResponseAPDU {
        // T=0 sends cases 1 and 4 otherwise than T=1; no plan has them, and a replay would not know which to send.
        guard command.data.isEmpty != (command.expectedLength == nil) else {
            throw .refused(BenchError.protocolDependent(command.bytes.hexadecimal).description)
        }
        let response = try base.transmit(command)
        commands.append(command.bytes)
        responses.append(response)
        byteCount += command.bytes.count + response.bytes.count
        return response
    }

    func reset() throws(CardChannelError) { try base.reset() }
}

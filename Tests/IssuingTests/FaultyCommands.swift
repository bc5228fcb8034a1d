import ISO7816

/// A channel to a card that is gone after so many commands, through a reader that takes so many bytes of data.
final class FaultyCommands: CardChannel {
    private let channel: any CardChannel
    private var left: Int
    let largestCommandData: Int
    private(set) var count = 0

    init(_ channel: any CardChannel, failingAfter count: Int, taking bytes: Int = 255) {
        self.channel = channel
        left = count
        largestCommandData = bytes
    }

    var answerToReset: AnswerToReset { channel.answerToReset }

    func transmit(_ command: CommandAPDU) throws(CardChannelError) -> ResponseAPDU {
        guard left > 0 else { throw .cardRemoved }
        guard command.data.count <= largestCommandData else { throw .refused("\(command.data.count) bytes") }
        count += 1
        left -= 1
        return try channel.transmit(command)
    }

    func reset() throws(CardChannelError) { try channel.reset() }
}

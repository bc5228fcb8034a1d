import ISO7816

/// A channel to a card that is gone after so many commands.
final class FaultyCommands: CardChannel {
    private let channel: any CardChannel
    private var left: Int

    init(_ channel: any CardChannel, failingAfter count: Int) {
        self.channel = channel
        left = count
    }

    var answerToReset: AnswerToReset { channel.answerToReset }
    var largestCommandData: Int { channel.largestCommandData }

    func transmit(_ command: CommandAPDU) throws(CardChannelError) -> ResponseAPDU {
        guard left > 0 else { throw .cardRemoved }
        left -= 1
        return try channel.transmit(command)
    }

    func reset() throws(CardChannelError) { try channel.reset() }
}

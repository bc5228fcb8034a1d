import ISO7816

/// Notes the commands, and takes the module away after some of them.
final class TracingPSAM: CardChannel {
    private let base: any CardChannel
    private(set) var commands: [CommandAPDU] = []
    var limit: Int?

    init(_ base: any CardChannel, limit: Int? = nil) {
        self.base = base
        self.limit = limit
    }

    var answerToReset: AnswerToReset { base.answerToReset }
    var largestCommandData: Int { base.largestCommandData }

    func transmit(_ command: CommandAPDU) throws(CardChannelError) -> ResponseAPDU {
        if let limit, commands.count >= limit { throw .cardRemoved }
        commands.append(command)
        return try base.transmit(command)
    }

    func reset() throws(CardChannelError) { try base.reset() }
}

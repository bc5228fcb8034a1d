public import ISO7816

/// Holds on to the card it was opened with: one put in its place is taken for the removal that it is, and sees no command.
public final class SameCardChannel: CardChannel {
    private let base: any CardChannel
    private let card: AnswerToReset

    /// Holds on to the card in `base`.
    public init(_ base: any CardChannel) {
        self.base = base
        card = base.answerToReset
    }

    /// That of the card it was opened with.
    public var answerToReset: AnswerToReset { card }
    /// That of the channel below.
    public var largestCommandData: Int { base.largestCommandData }

    /// Sends a command to the card; throws `cardRemoved` when another lies in the reader.
    public func transmit(_ command: CommandAPDU) throws(CardChannelError) -> ResponseAPDU {
        guard base.answerToReset == card else { throw .cardRemoved }
        return try base.transmit(command)
    }

    /// Resets the card; throws `cardRemoved` when another one answers.
    public func reset() throws(CardChannelError) {
        try base.reset()
        guard base.answerToReset == card else { throw .cardRemoved }
    }
}

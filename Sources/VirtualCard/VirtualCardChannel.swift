public import ISO7816

/// The way to a virtual card in the same process, without a reader.
public final class VirtualCardChannel: CardChannel {
    private let card: any VirtualReaderCard
    /// The card's answer to reset.
    public let answerToReset: AnswerToReset
    /// Short form's limit.
    public let largestCommandData = 255

    /// Powers the card and opens the way to it.
    public init(_ card: any VirtualReaderCard) throws(AnswerToReset.Malformed) {
        self.card = card
        answerToReset = try AnswerToReset(bytes: card.answerToReset)
        card.powerOn()
    }

    /// Hands the command to the card.
    public func transmit(_ command: CommandAPDU) throws(CardChannelError) -> ResponseAPDU {
        let bytes = card.respond(to: command.bytes)
        do {
            return try ResponseAPDU(bytes: bytes)
        } catch {
            throw .malformedAnswer(error.count)
        }
    }

    /// A warm reset.
    public func reset() throws(CardChannelError) { card.reset() }
}

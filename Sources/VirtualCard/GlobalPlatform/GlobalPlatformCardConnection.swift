public import ISO7816

/// The way to a virtual card in the same process, without a reader.
public final class GlobalPlatformCardConnection: CardChannel {
    private let card: GlobalPlatformCard
    /// The card's answer to reset.
    public let answerToReset: AnswerToReset
    /// Short form's limit.
    public let largestCommandData = 255

    /// Powers the card and opens the way to it.
    public init(_ card: GlobalPlatformCard) throws(AnswerToReset.Malformed) {
        self.card = card
        answerToReset = try AnswerToReset(bytes: card.answerToReset)
        card.powerOn()
    }

    /// Hands the command to the card.
    public func transmit(_ command: CommandAPDU) throws(CardChannelError) -> ResponseAPDU {
        do { return try ResponseAPDU(bytes: card.respond(to: command.bytes)) } catch {
            throw .malformedAnswer(error.count)
        }
    }

    /// A warm reset.
    public func reset() throws(CardChannelError) { card.reset() }
}

public import CardLayout
public import ISO7816

/// Holds commands and answers to the form that a card operating system has for them.
///
/// | part | form |
/// |---|---|
/// | command data | at most what the card system and the reader take; what is longer is not sent |
/// | answer data | at most 256 bytes, for no card of these systems knows extended lengths |
///
/// It stands below protection and T=0, whose commands it judges, and above what only looks on: traces, the read-only guard.
public final class FormatChannel: CardChannel {
    /// No answer to a short command has more data.
    public static let longestAnswer = 256

    private let base: any CardChannel
    /// The most data bytes that both the card system and the channel below take.
    public let largestCommandData: Int

    /// Holds what goes through `base` to the form of a card system.
    public init(_ base: any CardChannel, profile: COSProfile) {
        self.base = base
        largestCommandData = min(base.largestCommandData, profile.largestCommandData)
    }

    /// That of the channel below.
    public var answerToReset: AnswerToReset { base.answerToReset }

    /// Sends a command that has the form.
    ///
    /// - Throws: `commandTooLong`, and the card has not seen the command; `malformedAnswer` for more data than an answer has; what the
    ///   channel below throws.
    public func transmit(_ command: CommandAPDU) throws(CardChannelError) -> ResponseAPDU {
        guard command.data.count <= largestCommandData else {
            throw .commandTooLong(command.data.count, most: largestCommandData)
        }
        let response = try base.transmit(command)
        guard response.data.count <= Self.longestAnswer else { throw .malformedAnswer(response.data.count + 2) }
        return response
    }

    /// Resets the card through the channel below.
    public func reset() throws(CardChannelError) { try base.reset() }
}

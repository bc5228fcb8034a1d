/// The way to one card: commands go in one at a time, answers come back.
///
/// Calls block until the card has answered, so a channel is used on a thread of its own and never on the cooperative pool.
/// Channels stack: format, T=0, protection, tracing, fault injection and the read-only guard each wrap another channel.
public protocol CardChannel: AnyObject {
    /// The answer to the last reset.
    var answerToReset: AnswerToReset { get }
    /// The most data bytes one command may carry through this channel.
    var largestCommandData: Int { get }
    /// Sends one command and waits for the answer. Status words are answers, not errors.
    func transmit(_ command: CommandAPDU) throws(CardChannelError) -> ResponseAPDU
    /// Resets the card: all authentication and selection is lost.
    func reset() throws(CardChannelError)
}

/// Why no answer came.
public enum CardChannelError: Error, Hashable, Sendable {
    /// The card was pulled.
    case cardRemoved
    /// Another program reset the card; its state is lost.
    case cardWasReset
    /// The card does not answer.
    case cardMute
    /// The reader is gone.
    case readerRemoved
    /// The card's answer is no APDU; the number of bytes it had.
    case malformedAnswer(Int)
    /// The command has more data than the card system or the reader takes, and was not sent: how many bytes, and how many at most.
    case commandTooLong(Int, most: Int)
    /// The answer's MAC is missing or wrong: it is not the card's, or was altered on the way.
    case answerNotAuthentic
    /// A guard on the way refused the command before the card saw it.
    case refused(String)
    /// The answer lacks the MAC it must carry, or has a wrong one: somebody stands between, or the card has another key.
    case protectionBroken
    /// A command that has to be protected could not be; the card has not seen it. Why, as a code of the message catalogue.
    case notProtected(String)
    /// The reader system failed: the function's name and its code.
    case reader(function: String, code: Int)
}

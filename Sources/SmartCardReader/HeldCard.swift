import CPCSC
public import ISO7816

/// A card that this program holds alone for as long as the value lives: a security module in a slot of its own.
///
/// Calls block, and come from one thread at a time. The card is reset when it is let go of.
public final class HeldCard: CardChannel {
    private let context: PCSCContext
    // let go of before the context is
    private var connection: CardConnection?
    private let channel: PCSCCardChannel

    /// Takes hold of the card in a slot; throws ``ReaderError`` when it cannot be had.
    ///
    /// - Parameter notice: told, from another thread, of a card that has fallen silent.
    public init(
        _ name: ReaderName, notice: @escaping @Sendable (WaitingNotice) -> Void = { _ in }
    ) throws(ReaderError) {
        let context = try PCSCContext.establish()
        let connection = try Self.asking(name) { () throws(PCSCFailure) in
            try CardConnection.open(context.handle, name, .exclusive, afterwards: .reset)
        }
        let statuses = try Self.asking(name) { () throws(PCSCFailure) in
            try readerStatus(
                context.handle, [(name: name, known: DWORD(SCARD_STATE_UNAWARE))], milliseconds: 0)
        }
        guard let status = statuses?.first else { throw .readerRemoved(name) }
        guard let answer = try? AnswerToReset(bytes: status.answerToReset) else { throw .cardUnsupported(name) }
        let silence = SilenceWatch(patience: SmartCardReader.defaultPatienceForAnswers) { notice(.stillSilent(name)) }
        channel = PCSCCardChannel(
            connection, context: context.handle, inserted: status, answerToReset: answer, silence: silence)
        self.connection = consume connection
        self.context = consume context
    }

    /// The answer to the last reset.
    public var answerToReset: AnswerToReset { channel.answerToReset }
    /// That of the slot.
    public var largestCommandData: Int { channel.largestCommandData }
    /// Sends one command and waits for the answer.
    public func transmit(_ command: CommandAPDU) throws(CardChannelError) -> ResponseAPDU {
        try channel.transmit(command)
    }
    /// Resets the card.
    public func reset() throws(CardChannelError) { try channel.reset() }

    private static func asking<Answer: ~Copyable>(
        _ name: ReaderName, _ question: () throws(PCSCFailure) -> Answer
    ) throws(ReaderError) -> Answer {
        do throws(PCSCFailure) {
            return try question()
        } catch {
            throw error.readerError(name)
        }
    }

    deinit { connection = nil }
}

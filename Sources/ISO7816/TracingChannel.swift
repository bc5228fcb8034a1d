/// Writes down what passes through it, masked by the rule of ``CardTrace``.
public final class TracingChannel: CardChannel {
    /// What is traced.
    public let base: any CardChannel
    private let now: () -> ContinuousClock.Instant
    private let start: ContinuousClock.Instant
    private let onEntry: (CardTrace.Entry) -> Void
    /// Everything that passed so far.
    public private(set) var trace: CardTrace

    /// Traces `base`; times count from now.
    ///
    /// - Parameters:
    ///   - base: the channel to the card.
    ///   - personalData: whether contents of files are kept.
    ///   - now: the clock.
    ///   - onEntry: told of each exchange as soon as it is written down.
    public init(
        _ base: any CardChannel, personalData: CardTrace.PersonalData = .masked,
        now: @escaping () -> ContinuousClock.Instant = { .now }, onEntry: @escaping (CardTrace.Entry) -> Void = { _ in }
    ) {
        self.onEntry = onEntry
        self.base = base
        self.now = now
        start = now()
        trace = CardTrace(personalData: personalData)
    }

    /// The card's own.
    public var answerToReset: AnswerToReset { base.answerToReset }
    /// The base channel's own.
    public var largestCommandData: Int { base.largestCommandData }

    /// Sends the command and records it with its answer.
    public func transmit(_ command: CommandAPDU) throws(CardChannelError) -> ResponseAPDU {
        let sent = now()
        let result = Result { () throws(CardChannelError) in try base.transmit(command) }
        trace.record(command, result, offset: (sent - start).microseconds, duration: (now() - sent).microseconds)
        trace.entries.last.map(onEntry)
        return try result.get()
    }

    /// Resets the card and records the answer to reset.
    public func reset() throws(CardChannelError) {
        let sent = now()
        let result = Result { () throws(CardChannelError) in
            try base.reset()
            return base.answerToReset
        }
        trace.recordReset(result, offset: (sent - start).microseconds, duration: (now() - sent).microseconds)
        trace.entries.last.map(onEntry)
        _ = try result.get()
    }
}

extension Duration {
    fileprivate var microseconds: Int64 {
        components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    }
}

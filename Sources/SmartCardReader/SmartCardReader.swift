import CPCSC
public import ISO7816

/// One reader slot and the card in it, used on a thread of its own.
///
/// ```swift
/// let reader = SmartCardReader(try ReaderList.reader(named: nil).name)
/// _ = try await reader.waitForCard()
/// let challenge = try await reader.withCard { card in
///     try card.transmit(CommandAPDU(0x00, 0x84, 0x00, 0x00, le: 0x08)).data
/// }
/// ```
public actor SmartCardReader {
    /// pcscd's interval between two looks at a lock (`PCSCLITE_LOCK_POLL_RATE`); asking more often finds nothing new.
    private static let lockInterval = Duration.milliseconds(100)

    /// The slot's name.
    public nonisolated let name: ReaderName
    private let executor: ThreadExecutor
    private let patienceForAnswers: Duration
    private let notice: @Sendable (WaitingNotice) -> Void
    private var context: PCSCContext?
    /// True once the service has been reached, so that its absence is a restart and not a counter without it.
    private(set) var wasServed = false

    /// How long a card may take over one answer before ``WaitingNotice/stillSilent(_:)`` is told.
    public static let defaultPatienceForAnswers = Duration.seconds(10)

    /// A reader by its name; the service is asked when the reader is first used.
    ///
    /// - Parameters:
    ///   - patienceForAnswers: how long a card may take over one answer before that is told.
    ///   - notice: told, from another thread, of a card that has fallen silent.
    public init(
        _ name: ReaderName, patienceForAnswers: Duration = defaultPatienceForAnswers,
        notice: @escaping @Sendable (WaitingNotice) -> Void = { _ in }
    ) {
        self.name = name
        self.patienceForAnswers = patienceForAnswers
        self.notice = notice
        executor = ThreadExecutor(name: "reader")
    }

    /// The reader's own thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Takes hold of the card, runs `body` in one transaction, and lets go of the card.
    ///
    /// The connection lasts as long as `body`, for pcscd powers a card off that nobody holds. Waits of `body` hold up
    /// this reader's thread and nothing else.
    ///
    /// - Parameters:
    ///   - sharing: whether other programs may hold the card meanwhile.
    ///   - disposition: what becomes of the card afterwards. It is reset unless told otherwise, so that the next program
    ///     finds nothing authenticated.
    ///   - patience: how long to wait for another program to let go of the card; many look at a card just inserted.
    ///   - body: what to do with the card; the channel is worthless afterwards.
    /// - Throws: ``ReaderError`` when the card cannot be had; `CardChannelError.cardRemoved` when the card was pulled and
    ///   one was inserted while `body` ran; `CancellationError`; and whatever `body` throws.
    public func withCard<R: Sendable>(
        sharing: CardSharing = .exclusive, afterwards disposition: CardDisposition = .reset,
        patience: Duration = .seconds(2), _ body: @Sendable (any CardChannel) throws -> R
    ) async throws -> R {
        let deadline = ContinuousClock.now + patience
        while true {
            try Task.checkCancellation()
            let connection: CardConnection
            do throws(ReaderError) {
                connection = try ask { context throws(PCSCFailure) in
                    try CardConnection.open(context, name, sharing, afterwards: disposition)
                }
            } catch {
                guard case .cardHeld = error else { throw error }
                guard ContinuousClock.now < deadline else {
                    throw ServiceClient.others().map { ReaderError.cardHeldByOneOf(name, $0) } ?? error
                }
                try await Task.sleep(for: Self.lockInterval)
                continue
            }
            return try run(body, connection)
        }
    }

    private func run<R: Sendable>(
        _ body: (any CardChannel) throws -> R, _ connection: borrowing CardConnection
    ) throws -> R {
        let before = try status()
        guard let answerToReset = try? AnswerToReset(bytes: before.answerToReset) else {
            throw ReaderError.cardUnsupported(name)
        }
        let channel = PCSCCardChannel(
            connection, context: try contextHandle(), inserted: before, answerToReset: answerToReset,
            silence: SilenceWatch(patience: patienceForAnswers) { [notice, name] in notice(.stillSilent(name)) })
        let result = try connection.inTransaction { try body(channel) }
        // A reader or a service that went away after the last answer leaves the result true.
        guard let after = try? status() else { return result }
        // One event is the card's removal after its last answer, which does so too; more are a swap.
        guard after.eventCounter &- before.eventCounter <= 1 else { throw CardChannelError.cardRemoved }
        return result
    }
}

// MARK: - The service

extension SmartCardReader {
    /// The slot as it is now, as the service has it.
    func status() throws(ReaderError) -> ReaderStatus {
        let statuses = try ask { context throws(PCSCFailure) in
            try readerStatus(context, [(name: name, known: DWORD(SCARD_STATE_UNAWARE))], milliseconds: 0)
        }
        guard let status = statuses?.first else { throw .readerRemoved(name) }
        return status
    }

    /// Asks the service, a second time with a new context when the old one died with a service that was restarted.
    private func ask<Answer: ~Copyable>(
        _ question: (SCARDCONTEXT) throws(PCSCFailure) -> Answer
    ) throws(ReaderError) -> Answer {
        let hadContext = context != nil
        let handle = try contextHandle()
        do throws(PCSCFailure) {
            return try question(handle)
        } catch {
            let answer = giveUp(on: error)
            guard hadContext, error.lostService else { throw answer }
        }
        return try ask(question)
    }

    /// The context's handle; a context is made when there is none.
    func contextHandle() throws(ReaderError) -> SCARDCONTEXT {
        if let handle = context?.handle { return handle }
        let established = try PCSCContext.establish()
        let handle = established.handle
        context = consume established
        wasServed = true
        return handle
    }

    /// The failure as an error of this reader; a context that died with its service is let go of.
    func giveUp(on failure: PCSCFailure) -> ReaderError {
        if failure.lostService { context = nil }
        guard failure.code == SCARD_E_UNKNOWN_READER else { return failure.readerError(name) }
        let attached = try? ReaderList.current().map(\.name)
        return .readerNotFound(name.rawValue, available: attached ?? [])
    }
}

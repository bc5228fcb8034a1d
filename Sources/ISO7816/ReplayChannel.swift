import ByteText

/// A card played from a trace: answers what the recorded card answered, without a reader.
///
/// A command fits an exchange when header, Le and all shown data are the same; personal data fits any of the same length, and a secret
/// fits any data. INTERNAL AUTHENTICATE, whose challenges are drawn anew each time, fits any of the same length: its answer is given as it was
/// recorded, and proves nothing (``proofCount``). Personal data that the trace does not hold is answered as that many zero bytes, as records nobody has written.
public final class ReplayChannel: CardChannel {
    /// Which exchange answers a command.
    public enum Order: Hashable, Sendable {
        /// The next one, whatever it is.
        case strict
        /// The next that fits, or else the first that fits: for looking around in a recorded card.
        case byCommand
    }

    /// A command that the trace has no answer to.
    public struct Mismatch: Error, Hashable, Sendable {
        /// The line of the trace that was next; nil when the trace was at its end, or has no such command at all.
        public let line: Int?
        /// The exchange that was next, as the trace writes it.
        public let expected: String?
        /// The header of the command that was sent.
        public let header: [UInt8]
        /// How many bytes of data it brought, and how many it wants back; nil for none.
        public let dataCount: Int
        /// Le of the command; nil where it wants no answer.
        public let expectedLength: Int?
    }

    private let file: CardTraceFile
    private let order: Order
    private var next = 0
    /// The first command that the trace had no answer to.
    public private(set) var mismatch: Mismatch?
    /// How many answers held personal data that the trace does not have.
    public private(set) var maskedAnswerCount = 0
    /// How many times the card was asked to prove itself: the answers are those to the challenges of then.
    public private(set) var proofCount = 0

    /// Plays a trace.
    public init(_ file: CardTraceFile, order: Order = .strict) {
        self.file = file
        self.order = order
    }

    /// The recorded card's.
    public var answerToReset: AnswerToReset { file.answerToReset }
    /// What short commands carry.
    public var largestCommandData: Int { 255 }
    /// How many exchanges were not played yet.
    public var remainingCount: Int { file.trace.entries.count - next }

    /// Answers from the trace; throws `refused` where it has no answer, and tells in ``mismatch`` what it had.
    public func transmit(_ command: CommandAPDU) throws(CardChannelError) -> ResponseAPDU {
        let outcome = try play {
            $0.fits(command)
        } orTell: {
            command
        }
        if command.isInternalAuthentication { proofCount += 1 }
        switch outcome {
        case .failure(let error): throw error
        case .answer(let content, let statusWord):
            switch content {
            case .none: return ResponseAPDU(statusWord)
            case .shown(let bytes): return ResponseAPDU(data: bytes, statusWord)
            case .personal(let count):
                maskedAnswerCount += 1
                return ResponseAPDU(data: [UInt8](repeating: 0, count: count), statusWord)
            case .secret: throw .refused("‹secret›")
            }
        }
    }

    /// Plays a recorded reset; a trace that has none begins anew.
    public func reset() throws(CardChannelError) {
        guard file.trace.entries.contains(where: { $0.action == .reset }) else {
            next = 0
            return
        }
        if case .failure(let error) = try play({ $0 == .reset }, orTell: { nil }) { throw error }
    }

    private func play(
        _ fits: (CardTrace.Entry.Action) -> Bool, orTell command: () -> CommandAPDU?
    ) throws(CardChannelError) -> CardTrace.Outcome {
        let entries = file.trace.entries
        let found: Int? =
            switch order {
            case .strict: next < entries.count && fits(entries[next].action) ? next : nil
            case .byCommand:
                entries[next...].firstIndex { fits($0.action) } ?? entries.firstIndex { fits($0.action) }
            }
        guard let found else {
            let sent = command()
            let isNext = order == .strict && next < entries.count
            let missed = Mismatch(
                line: isNext ? file.lines[next] : nil, expected: isNext ? "\(entries[next].action)" : nil,
                header: sent?.header ?? [], dataCount: sent?.data.count ?? 0, expectedLength: sent?.expectedLength)
            if mismatch == nil { mismatch = missed }
            throw .refused(missed.header.hexadecimal)
        }
        next = found + 1
        return entries[found].outcome
    }
}

extension CommandAPDU {
    /// INTERNAL AUTHENTICATE (ISO/IEC 7816-4 §11.5.2).
    fileprivate var isInternalAuthentication: Bool { cla == 0x00 && ins == 0x88 }
}

extension CardTraceFile {
    /// Whether the card was reset while this was recorded, as it is after a look at its version.
    public var holdsReset: Bool { trace.entries.contains { $0.action == .reset } }

    /// Whether the card was asked to prove itself while this was recorded.
    public var holdsProof: Bool {
        trace.entries.contains { entry in
            guard case .command(let header, _, _) = entry.action else { return false }
            return header.prefix(2) == [0x00, 0x88]
        }
    }
}

extension CardTrace.Entry.Action {
    /// Whether this is the record of such a command.
    fileprivate func fits(_ command: CommandAPDU) -> Bool {
        guard case .command(command.header, let content, command.expectedLength) = self else { return false }
        switch content {
        case .none: return command.data.isEmpty
        case .shown(let bytes):
            return bytes == command.data || command.isInternalAuthentication && bytes.count == command.data.count
        case .personal(let count): return count == command.data.count
        case .secret: return !command.data.isEmpty
        }
    }
}

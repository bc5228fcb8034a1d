import ByteText

/// What passed between a program and a card, with secrets and personal data masked before they are stored.
///
/// The masking is a rule of this type and not of whoever prints it: an entry keeps only what may be seen, so no copy of a
/// trace, rendered or not, can give away what the rule withholds. Commands are judged by their instruction byte:
///
/// | instruction | command data | answer data |
/// |---|---|---|
/// | SELECT A4, GET CHALLENGE 84, INTERNAL AUTHENTICATE 88, CREATE FILE E0 | shown | shown |
/// | 80 E0 03 00: the transport code of a T514 blank, the same every time (cos-dialects §3.7) | secret | secret |
/// | READ BINARY B0, READ RECORD B2, GET DATA CA | personal | personal |
/// | UPDATE BINARY D6, UPDATE RECORD DC, APPEND RECORD E2, WRITE D0 and D2 | personal | personal |
/// | GET RESPONSE C0 | shown | as the command before it |
/// | STORE DATA 80 E2 and 84 E2 with an encipherment bit in P1 (20, 40, 60), or with a grouping 8xxx: keys and PINs under a session key, which may be a published one | secret | secret |
/// | everything else: VERIFY 20, PIN change 5E and 24, WRITE KEY D4, EXTERNAL AUTHENTICATE 82, … | secret | secret |
///
/// An instruction that nobody has judged is taken for secret. Headers, Le and status words are always shown.
public struct CardTrace: Hashable, Sendable {
    /// Whether contents of files are kept.
    public enum PersonalData: Hashable, Sendable {
        /// Only their number of bytes is kept.
        case masked
        /// They are kept; for cards of invented persons, and where the holder has agreed.
        case shown
    }

    /// What is known of the data field of a command or an answer.
    public enum Content: Hashable, Sendable {
        /// There was none.
        case none
        /// The bytes themselves.
        case shown([UInt8])
        /// Personal data of this many bytes.
        case personal(count: Int)
        /// A secret; not even its length is kept, for the length of a PIN is a part of it.
        case secret
    }

    /// How an exchange ended.
    public enum Outcome: Hashable, Sendable {
        /// The card answered.
        case answer(Content, StatusWord)
        /// No answer came.
        case failure(CardChannelError)
    }

    /// One exchange, or one reset.
    public struct Entry: Hashable, Sendable {
        /// What was done to the card.
        public enum Action: Hashable, Sendable {
            /// A command: CLA INS P1 P2, its data, and Le (1…256) when one was sent.
            case command(header: [UInt8], Content, expectedLength: Int?)
            /// A reset; on success the outcome holds the answer to reset and 9000.
            case reset
        }

        /// When the command was sent, in µs from the start of the trace.
        public let offset: Int64
        /// How long the answer took, in µs.
        public let duration: Int64
        /// What was sent.
        public let action: Action
        /// What came back.
        public let outcome: Outcome
    }

    /// The exchanges in their order.
    public internal(set) var entries: [Entry] = []
    /// Whether this trace keeps contents of files.
    public let personalData: PersonalData
    private var previousAnswer = Sensitivity.secret

    /// An empty trace.
    public init(personalData: PersonalData = .masked) { self.personalData = personalData }

    /// Adds an exchange; what the rule withholds is dropped here.
    ///
    /// - Parameters:
    ///   - command: the command as it was sent.
    ///   - result: the answer, or why none came.
    ///   - offset: when it was sent, in µs from the start of the trace.
    ///   - duration: how long the answer took, in µs.
    public mutating func record(
        _ command: CommandAPDU, _ result: Result<ResponseAPDU, CardChannelError>, offset: Int64, duration: Int64
    ) {
        let rule = Sensitivity.rule(for: command.header, command.data)
        let answerRule = rule.answer ?? previousAnswer
        previousAnswer = answerRule
        let outcome: Outcome =
            switch result {
            case .success(let answer): .answer(content(answer.data, answerRule), answer.statusWord)
            case .failure(let error): .failure(error)
            }
        entries.append(
            Entry(
                offset: offset, duration: duration,
                action: .command(
                    header: command.header, content(command.data, rule.command), expectedLength: command.expectedLength),
                outcome: outcome))
    }

    /// Adds a reset and the answer to it, or why none came; times in µs as for commands.
    public mutating func recordReset(
        _ result: Result<AnswerToReset, CardChannelError>, offset: Int64, duration: Int64
    ) {
        let outcome: Outcome =
            switch result {
            case .success(let answer): .answer(.shown(answer.bytes), .success)
            case .failure(let error): .failure(error)
            }
        entries.append(Entry(offset: offset, duration: duration, action: .reset, outcome: outcome))
    }

    private func content(_ bytes: [UInt8], _ sensitivity: Sensitivity) -> Content {
        guard !bytes.isEmpty else { return .none }
        switch sensitivity {
        case .harmless: return .shown(bytes)
        case .personal: return personalData == .shown ? .shown(bytes) : .personal(count: bytes.count)
        case .secret: return .secret
        }
    }
}

extension CardTrace {
    private enum Sensitivity {
        case harmless
        case personal
        case secret

        /// How the data of a command and of its answer are treated; a nil answer is treated as the one before it.
        static func rule(for header: [UInt8], _ data: [UInt8]) -> (command: Sensitivity, answer: Sensitivity?) {
            switch header[1] {
            case 0xE2 where header[0] & 0x80 != 0 && (header[2] & 0x60 != 0 || holdsKeyGrouping(data)):
                (.secret, .secret)
            case 0xE0 where header[2] == 0x03 && header[3] == 0x00: (.secret, .secret)
            case 0xA4, 0x84, 0x88, 0xE0: (.harmless, .harmless)
            case 0xB0, 0xB2, 0xCA, 0xD0, 0xD2, 0xD6, 0xDC, 0xE2: (.personal, .personal)
            case 0xC0: (.harmless, nil)
            default: (.secret, .secret)
            }
        }

        /// Whether STORE DATA carries a grouping of keys or a PIN, 8xxx (cos-dialects §10.3).
        ///
        /// A grouping is identifier, length (one byte, or FF and
        /// two), value. What follows the last whole one may be a MAC.
        private static func holdsKeyGrouping(_ data: [UInt8]) -> Bool {
            var rest = data[...]
            while rest.count >= 3 {
                if rest[rest.startIndex] & 0xF0 == 0x80 { return true }
                let bytes = Array(rest.prefix(5))
                let isLong = bytes[2] == 0xFF && bytes.count == 5
                let length = isLong ? Int(bytes[3]) << 8 | Int(bytes[4]) : Int(bytes[2])
                rest = rest.dropFirst((isLong ? 5 : 3) + length)
            }
            return false
        }
    }
}

public import CardCryptography
public import ISO7816
public import IssuerKeys

/// A channel whose commands and answers are protected on their way to a security domain or an application of it.
///
/// It is a channel like any other, so tracing and guards stack on it, below it what travels, above it what was meant. The state
/// of the secure channel moves when an answer stands: wrap, send, unwrap, commit. After an answer that is not the card's the keys
/// are wiped, and every further command is refused.
public final class GlobalPlatformChannel: CardChannel {
    /// How a secure channel is opened.
    public struct Settings: Hashable, Sendable {
        /// The name of the issuer's key set.
        public let keySet: String
        /// P1 of INITIALIZE UPDATE: the key version asked for, 00 for the card's default.
        public let keyVersion: UInt8
        /// The protocol the card must speak.
        public let channelProtocol: SecureChannelProtocol
        /// The security level.
        public let level: SecureChannelLevel
        /// How the card's own keys come from the set's masters.
        public let diversification: SecureChannelDiversification

        /// Settings from their parts; nil when the protocol does not know the level.
        public init?(
            keySet: String, keyVersion: UInt8, channelProtocol: SecureChannelProtocol, level: SecureChannelLevel,
            diversification: SecureChannelDiversification = .none
        ) {
            guard channelProtocol.allows(level) else { return nil }
            self.diversification = diversification
            self.keySet = keySet
            self.keyVersion = keyVersion
            self.channelProtocol = channelProtocol
            self.level = level
        }
    }

    /// A channel to a card that has proved itself, and to which nothing was proved yet.
    public final class Begun {
        private let base: any CardChannel
        private let session: any GlobalPlatformSession
        private var prepared: CommandAPDU?
        /// What the card answered to INITIALIZE UPDATE.
        public let answer: InitializeUpdateAnswer

        fileprivate init(
            _ base: any CardChannel, _ session: any GlobalPlatformSession, _ answer: InitializeUpdateAnswer
        ) {
            self.base = base
            self.session = session
            self.answer = answer
        }

        /// Has the key service make EXTERNAL AUTHENTICATE ready: what fails here has spent no try.
        public func prepare() throws(GlobalPlatformError) {
            guard prepared == nil else { return }
            prepared = try GlobalPlatformError.reportingKeys { () throws(GlobalPlatformKeyError) in
                try session.externalAuthentication()
            }
        }

        /// EXTERNAL AUTHENTICATE, which costs the card a try where it fails; it is sent once.
        ///
        /// - Returns: the card's answer, and the channel where it is 9000.
        public func authenticate() throws(GlobalPlatformError) -> (ResponseAPDU, GlobalPlatformChannel?) {
            try prepare()
            guard let command = prepared else { throw .keys(.sessionClosed) }
            let response = try base.send(command)
            let opened = try GlobalPlatformError.reportingKeys { () throws(GlobalPlatformKeyError) in
                try session.unwrap(response)
            }
            guard opened.statusWord.isSuccess else { return (opened, nil) }
            return (opened, GlobalPlatformChannel(base, session, keyVersion: answer.keyVersion))
        }

        /// Forgets the session's keys; nothing is sent.
        public func close() { session.close() }
    }

    private let base: any CardChannel
    /// The session with the card; for commands that carry secrets enciphered under its DEK.
    public let session: any GlobalPlatformSession
    /// The version of the keys that the card used.
    public let keyVersion: UInt8

    private init(_ base: any CardChannel, _ session: any GlobalPlatformSession, keyVersion: UInt8) {
        self.base = base
        self.session = session
        self.keyVersion = keyVersion
    }

    /// Opens a secure channel to the selected security domain or application: INITIALIZE UPDATE, the card's cryptogram checked,
    /// then EXTERNAL AUTHENTICATE.
    ///
    /// - Parameters:
    ///   - area: the six-digit area code of the issuing city.
    ///   - hostChallenge: The host's challenge where a recorded exchange is repeated; nil for a random one.
    public static func open(
        on base: any CardChannel, keys: any GlobalPlatformKeyService, _ settings: Settings, area: String = "",
        hostChallenge: [UInt8]? = nil
    ) throws(GlobalPlatformError) -> GlobalPlatformChannel {
        let begun = try begin(on: base, keys: keys, settings, area: area, hostChallenge: hostChallenge)
        let (response, channel) = try begun.authenticate()
        guard let channel else {
            throw .refused([0x84, 0x82, settings.level.rawValue, 0x00], response.statusWord)
        }
        return channel
    }

    /// INITIALIZE UPDATE, and the card's cryptogram checked: the card has proved which keys it holds, and no try is spent.
    public static func begin(
        on base: any CardChannel, keys: any GlobalPlatformKeyService, _ settings: Settings, area: String,
        hostChallenge: [UInt8]? = nil
    ) throws(GlobalPlatformError) -> Begun {
        let challenge =
            if let hostChallenge { hostChallenge } else {
                try randomChallenge(settings.channelProtocol.challengeLength)
            }
        let answer = try initializeUpdate(on: base, settings, challenge)
        let request = GlobalPlatformSessionRequest(
            keySet: settings.keySet,
            terms: GlobalPlatformKeyTerms(area: area, diversification: settings.diversification),
            hostChallenge: challenge, answer: answer, level: settings.level)
        let session = try GlobalPlatformError.reportingKeys { () throws(GlobalPlatformKeyError) in
            try keys.openSession(request)
        }
        return Begun(base, session, answer)
    }

    private static func randomChallenge(_ count: Int) throws(GlobalPlatformError) -> [UInt8] {
        do { return try SecureRandom.bytes(count) } catch { throw .noChallenge }
    }

    private static func initializeUpdate(
        on base: any CardChannel, _ settings: Settings, _ challenge: [UInt8]
    ) throws(GlobalPlatformError) -> InitializeUpdateAnswer {
        let command = try GlobalPlatformCommands.initializeUpdate(
            keyVersion: settings.keyVersion, hostChallenge: challenge)
        let response = try base.send(command)
        guard response.statusWord.isSuccess else { throw .refused(command.header, response.statusWord) }
        let answer: InitializeUpdateAnswer
        do throws(InitializeUpdateAnswer.Malformed) {
            answer = try InitializeUpdateAnswer(
                bytes: response.data, scp02Parameter: settings.channelProtocol.parameter)
        } catch {
            throw .initializeUpdate(error)
        }
        guard answer.channelProtocol == settings.channelProtocol else {
            throw .protocolDiffers(
                expected: "\(settings.channelProtocol)", found: "\(answer.channelProtocol)")
        }
        return answer
    }

    // MARK: - The channel

    /// The security level.
    public var level: SecureChannelLevel { session.level }
    /// The card's own.
    public var answerToReset: AnswerToReset { base.answerToReset }

    /// What the channel below carries, less MAC and padding.
    public var largestCommandData: Int {
        session.channelProtocol.largestData(session.level, limit: base.largestCommandData)
    }

    /// Sends a command protected and gives back the answer as the card meant it.
    ///
    /// Throws `answerNotAuthentic` when the answer's MAC is missing or wrong, and `refused` once the channel is closed or when the
    /// command is too long for it.
    public func transmit(_ command: CommandAPDU) throws(CardChannelError) -> ResponseAPDU {
        guard command.data.count <= largestCommandData else { throw .refused("\(command.data.count) bytes") }
        let wrapped: CommandAPDU
        do throws(GlobalPlatformKeyError) {
            wrapped = try session.wrap(command)
        } catch {
            throw .refused("\(error)")
        }
        let response = try base.transmit(wrapped)
        do throws(GlobalPlatformKeyError) {
            return try session.unwrap(response)
        } catch {
            throw .answerNotAuthentic
        }
    }

    /// Forgets the session's keys; nothing is sent.
    public func close() { session.close() }

    /// Resets the card, which forgets the secure channel, and so does the host.
    public func reset() throws(CardChannelError) {
        session.close()
        try base.reset()
    }
}

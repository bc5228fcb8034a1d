public import CardCryptography
public import ISO7816

/// Uses the issuer's keys for secure channels to security domains, and never shows one.
///
/// What comes back is a session that wraps and unwraps: static keys stay in the service, and session keys in the session object.
/// Services in a module or across a network give sessions of their own kind.
public protocol GlobalPlatformKeyService: Sendable {
    /// Opens a session with the card that gave this answer to INITIALIZE UPDATE.
    ///
    /// The card's cryptogram is checked in constant time first: where it is wrong there is no session, so nothing is sent to the
    /// card and no try is spent.
    func openSession(
        _ request: GlobalPlatformSessionRequest
    ) throws(GlobalPlatformKeyError) -> any GlobalPlatformSession

    /// Refuses beforehand what the service cannot do for a card; nothing is made, and nothing is written down.
    func check(
        _ need: SecurityDomainNeed, keySet: String, of card: CardKeyContext
    ) throws(GlobalPlatformKeyError)
}

/// What brings a key set's masters down to one card.
public struct GlobalPlatformKeyTerms: Hashable, Sendable {
    /// The six-digit area code of the issuing city.
    public let area: String
    /// How the card's own keys come from the city's masters and the card's key diversification data.
    public let diversification: SecureChannelDiversification

    /// Terms from their parts.
    public init(area: String, diversification: SecureChannelDiversification) {
        self.area = area
        self.diversification = diversification
    }
}

/// What a session is opened from.
public struct GlobalPlatformSessionRequest: Hashable, Sendable {
    /// The name of the key set.
    public let keySet: String
    /// What its masters are brought down by.
    public let terms: GlobalPlatformKeyTerms
    /// The challenge that went out with INITIALIZE UPDATE.
    public let hostChallenge: [UInt8]
    /// What the card answered.
    public let answer: InitializeUpdateAnswer
    /// The security level asked for.
    public let level: SecureChannelLevel

    /// A request from its parts.
    public init(
        keySet: String, terms: GlobalPlatformKeyTerms, hostChallenge: [UInt8], answer: InitializeUpdateAnswer,
        level: SecureChannelLevel
    ) {
        self.keySet = keySet
        self.terms = terms
        self.hostChallenge = hostChallenge
        self.answer = answer
        self.level = level
    }
}

/// The host's side of one secure channel; used by one thread, for one card.
///
/// `wrap` leaves the channel's state alone; only `unwrap` of an answer that stands moves it. A command whose answer never came can
/// therefore be wrapped again, which the card takes if it has not seen the first.
public protocol GlobalPlatformSession: AnyObject {
    /// The protocol.
    var channelProtocol: SecureChannelProtocol { get }
    /// The security level.
    var level: SecureChannelLevel { get }
    /// EXTERNAL AUTHENTICATE with the host's cryptogram and the first MAC; its answer goes to `unwrap`.
    func externalAuthentication() throws(GlobalPlatformKeyError) -> CommandAPDU
    /// The command as it travels.
    func wrap(_ command: CommandAPDU) throws(GlobalPlatformKeyError) -> CommandAPDU
    /// The answer to the command wrapped last, as the card meant it.
    ///
    /// - Throws: `answerNotAuthentic` for a missing or wrong MAC, after which the session is closed.
    func unwrap(_ response: ResponseAPDU) throws(GlobalPlatformKeyError) -> ResponseAPDU
    /// Keys of the card, one behind the other, enciphered under the DEK: the content of a key data grouping.
    func encipher(
        keys: [CardKeyReference], of card: CardKeyContext
    ) throws(GlobalPlatformKeyError) -> [UInt8]
    /// Other secret content, enciphered under the DEK.
    func encipher(
        _ content: borrowing SecretBytes, _ padding: SensitivePadding
    ) throws(GlobalPlatformKeyError) -> [UInt8]
    /// PUT KEY that brings the keys of a set, diversified for this card.
    func putKey(_ request: PutKeyRequest) throws(GlobalPlatformKeyError) -> PutKeyCommand
    /// Forgets the session's keys.
    func close()
}

/// How secret content is filled up to whole blocks before it is enciphered.
public enum SensitivePadding: String, Hashable, Sendable, CaseIterable {
    /// Not at all: the content's own form fills its blocks.
    case none
    /// 80 00… when the content does not fill its blocks, as CPS has it for the parts of RSA keys.
    case bit
}

/// What PUT KEY shall bring.
public struct PutKeyRequest: Hashable, Sendable {
    /// The name of the key set whose keys go into the card.
    public let keySet: String
    /// What its masters are brought down by.
    public let terms: GlobalPlatformKeyTerms
    /// The version of the keys they replace; 00 adds them.
    public let replacing: UInt8
    /// How the check values are made.
    public let checkValue: KeyCheckValue.Method
    /// AES: whether the key's length stands before its cipher text (Amendment D §7.2).
    public let statesLength: Bool

    /// A request from its parts.
    public init(
        keySet: String, terms: GlobalPlatformKeyTerms, replacing: UInt8, checkValue: KeyCheckValue.Method,
        statesLength: Bool
    ) {
        self.keySet = keySet
        self.terms = terms
        self.replacing = replacing
        self.checkValue = checkValue
        self.statesLength = statesLength
    }
}

/// A PUT KEY before it is wrapped.
public struct PutKeyCommand: Hashable, Sendable {
    /// The command.
    public let command: CommandAPDU
    /// What the card answers: key version and check values.
    public let answer: [UInt8]
}

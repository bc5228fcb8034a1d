public import ISO7816

/// Uses issuer keys on behalf of card commands and never shows one.
///
/// Every call derives the key of one card and uses it at once; what comes back is a cryptogram, a finished command, or a judgement.
/// Calls may block (HSM, PSAM, network), so they are made on the card's own thread.
public protocol CardKeyService: Sendable {
    /// X ‖ Y for EXTERNAL AUTHENTICATE in the social-security form: SK = E(K, factor), X = E(SK, original), Y = original
    /// (card.md §2.1, cos-dialects §6.6).
    func externalAuthentication(
        with key: CardKeyReference, of card: CardKeyContext, challenges: ChallengePair, form: CryptogramForm
    ) throws(CardKeyError) -> [UInt8]

    /// E(K, challenge) for EXTERNAL AUTHENTICATE in the plain form, 8 bytes (SM4: the left 8 of one block that the challenge
    /// fills as the form says).
    func plainExternalAuthentication(
        with key: CardKeyReference, of card: CardKeyContext, challenge: [UInt8], form: CryptogramForm
    ) throws(CardKeyError) -> [UInt8]

    /// Whether `answer` is what the genuine card gives to INTERNAL AUTHENTICATE for these values; compared in constant time.
    func verifyInternalAuthentication(
        answer: [UInt8], with key: CardKeyReference, of card: CardKeyContext, challenges: ChallengePair,
        form: CryptogramForm
    ) throws(CardKeyError) -> Bool

    /// Whether `answer` is E(K, challenge), as a card without the social-security form gives it to INTERNAL AUTHENTICATE; compared
    /// in constant time.
    func verifyPlainInternalAuthentication(
        answer: [UInt8], with key: CardKeyReference, of card: CardKeyContext, challenge: [UInt8]
    ) throws(CardKeyError) -> Bool

    /// The key that makes the authentication code of identification codes, by the hierarchy.
    var identificationCodeKey: KeyName { get }

    /// The 4-byte authentication code (卡认证码) of a new card's identification code over its three groups: area, registered
    /// identifier, serial; 12 bytes (card.md §1.7).
    func identificationCodeAuthentication(
        over groups: [UInt8], with key: CardKeyReference, of card: CardKeyContext
    ) throws(CardKeyError) -> [UInt8]

    /// The finished WRITE KEY command `84 D4 P1 P2 Lc cipher ‖ MAC` (cos-dialects §4.2, §4.3, §5).
    func writeKeyCommand(_ request: WriteKeyRequest) throws(CardKeyError) -> CommandAPDU

    /// The finished protected command: class with its secure-messaging bit, data in plain or enciphered, MAC (cos-dialects §5).
    ///
    /// Takes commands that read, write, lock and open; PIN and key commands have calls of their own.
    /// - Parameter command: the command in plain, with the Le of its plain answer.
    func protect(_ command: CommandAPDU, by exchange: ProtectedExchange) throws(CardKeyError) -> CommandAPDU

    /// The data of the answer to a protected command; nil when its MAC is missing or wrong, or it deciphers to nothing.
    ///
    /// - Parameters:
    ///   - answer: the answer's data with its MAC, without the status word.
    ///   - command: the command in plain, as it was given to ``protect(_:by:)``.
    func unprotect(
        _ answer: [UInt8], to command: CommandAPDU, by exchange: ProtectedExchange
    ) throws(CardKeyError) -> [UInt8]?

    /// The finished command that sets a PIN anew or unblocks it (cos-dialects §6.6, card.md §2.1).
    func pinCommand(_ request: PINCommandRequest) throws(CardKeyError) -> CommandAPDU

    /// Refuses beforehand what the service cannot do for a card; no cryptogram is made, and nothing is written down.
    ///
    /// Asked for every need of a card before its first byte is written, so that no card is begun that cannot be finished.
    func check(_ need: CardKeyNeed, of card: CardKeyContext) throws(CardKeyError)

    /// The same for all that a card will ask for, each need as often as it will: a day's limit has to have room for every use.
    func check(_ needs: [CardKeyNeed], of card: CardKeyContext) throws(CardKeyError)

    /// The check value of a card's key, to compare without showing it.
    func keyCheckValue(of key: CardKeyReference, card: CardKeyContext) throws(CardKeyError) -> KeyCheckValue

    /// The keys of security domains, where the service holds any.
    var securityDomains: (any GlobalPlatformKeyService)? { get }
}

extension CardKeyService {
    /// Passes: for services that cannot tell before they are used.
    public func check(_ need: CardKeyNeed, of card: CardKeyContext) throws(CardKeyError) {}

    /// Asks for each need once: for services without limits of their own.
    public func check(_ needs: [CardKeyNeed], of card: CardKeyContext) throws(CardKeyError) {
        for need in needs.eachOnce { try check(need, of: card) }
    }

    /// Refuses: for services that know the social-security form alone.
    public func verifyPlainInternalAuthentication(
        answer: [UInt8], with key: CardKeyReference, of card: CardKeyContext, challenge: [UInt8]
    ) throws(CardKeyError) -> Bool { throw .serviceFailed("plain INTERNAL AUTHENTICATE is not offered") }

    /// None.
    public var securityDomains: (any GlobalPlatformKeyService)? { nil }

    /// Refuses: for services that do not protect commands.
    public func protect(
        _ command: CommandAPDU, by exchange: ProtectedExchange
    ) throws(CardKeyError) -> CommandAPDU { throw .serviceFailed("protected commands are not offered") }

    /// Refuses: for services that do not protect commands.
    public func unprotect(
        _ answer: [UInt8], to command: CommandAPDU, by exchange: ProtectedExchange
    ) throws(CardKeyError) -> [UInt8]? { throw .serviceFailed("protected commands are not offered") }

    /// Refuses: for services that make no PIN commands.
    public func pinCommand(_ request: PINCommandRequest) throws(CardKeyError) -> CommandAPDU {
        throw .serviceFailed("PIN commands are not offered")
    }
}

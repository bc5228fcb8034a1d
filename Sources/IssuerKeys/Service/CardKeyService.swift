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

    /// E(K, challenge) for EXTERNAL AUTHENTICATE in the plain form, 8 bytes (SM4: the left 8 of one block over
    /// challenge ‖ NOT challenge).
    func plainExternalAuthentication(
        with key: CardKeyReference, of card: CardKeyContext, challenge: [UInt8]
    ) throws(CardKeyError) -> [UInt8]

    /// Whether `answer` is what the genuine card gives to INTERNAL AUTHENTICATE for these values; compared in constant time.
    func verifyInternalAuthentication(
        answer: [UInt8], with key: CardKeyReference, of card: CardKeyContext, challenges: ChallengePair,
        form: CryptogramForm
    ) throws(CardKeyError) -> Bool

    /// The 4-byte authentication code (卡认证码) of a new card's identification code over its three groups: area, registered
    /// identifier, serial; 12 bytes (card.md §1.7).
    func identificationCodeAuthentication(
        over groups: [UInt8], with key: CardKeyReference, of card: CardKeyContext
    ) throws(CardKeyError) -> [UInt8]

    /// The finished WRITE KEY command `84 D4 P1 P2 Lc cipher ‖ MAC` (cos-dialects §4.2, §4.3, §5).
    func writeKeyCommand(_ request: WriteKeyRequest) throws(CardKeyError) -> CommandAPDU

    /// The check value of a card's key, to compare without showing it.
    func keyCheckValue(of key: CardKeyReference, card: CardKeyContext) throws(CardKeyError) -> KeyCheckValue
}

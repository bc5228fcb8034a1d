public import ISO7816

/// The keys of a place that has none: whatever asks for one is refused, so that cards can still be looked at.
public struct AbsentKeys: CardKeyService {
    private static let refusal = CardKeyError.notConfigured

    /// No keys.
    public init() {}

    /// Refuses.
    public func externalAuthentication(
        with key: CardKeyReference, of card: CardKeyContext, challenges: ChallengePair, form: CryptogramForm
    ) throws(CardKeyError) -> [UInt8] { throw Self.refusal }

    /// Refuses.
    public func plainExternalAuthentication(
        with key: CardKeyReference, of card: CardKeyContext, challenge: [UInt8], form: CryptogramForm
    ) throws(CardKeyError) -> [UInt8] { throw Self.refusal }

    /// Refuses.
    public func verifyInternalAuthentication(
        answer: [UInt8], with key: CardKeyReference, of card: CardKeyContext, challenges: ChallengePair,
        form: CryptogramForm
    ) throws(CardKeyError) -> Bool { throw Self.refusal }

    /// Any: nothing is made with it.
    public var identificationCodeKey: KeyName { IdentificationCodeRule.usual.key }

    /// Refuses.
    public func identificationCodeAuthentication(
        over groups: [UInt8], with key: CardKeyReference, of card: CardKeyContext
    ) throws(CardKeyError) -> [UInt8] { throw Self.refusal }

    /// Refuses.
    public func writeKeyCommand(_ request: WriteKeyRequest) throws(CardKeyError) -> CommandAPDU { throw Self.refusal }

    /// Refuses.
    public func check(_ need: CardKeyNeed, of card: CardKeyContext) throws(CardKeyError) { throw Self.refusal }

    /// Refuses.
    public func keyCheckValue(of key: CardKeyReference, card: CardKeyContext) throws(CardKeyError) -> KeyCheckValue {
        throw Self.refusal
    }
}

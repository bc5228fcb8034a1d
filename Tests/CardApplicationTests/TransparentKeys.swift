import ISO7816
import IssuerKeys

/// A key service without keys: its cryptograms are what it was asked about, so that a command shows which values went in.
struct TransparentKeys: CardKeyService {
    func externalAuthentication(
        with key: CardKeyReference, of card: CardKeyContext, challenges: ChallengePair, form: CryptogramForm
    ) throws(CardKeyError) -> [UInt8] { challenges.factor + challenges.original }

    func plainExternalAuthentication(
        with key: CardKeyReference, of card: CardKeyContext, challenge: [UInt8], form: CryptogramForm
    ) throws(CardKeyError) -> [UInt8] { challenge }

    /// The genuine card gives back the factor.
    func verifyInternalAuthentication(
        answer: [UInt8], with key: CardKeyReference, of card: CardKeyContext, challenges: ChallengePair,
        form: CryptogramForm
    ) throws(CardKeyError) -> Bool { answer == challenges.factor }

    var identificationCodeKey: KeyName { KeyName(rawValue: "IRK") }

    func identificationCodeAuthentication(
        over groups: [UInt8], with key: CardKeyReference, of card: CardKeyContext
    ) throws(CardKeyError) -> [UInt8] { Array(groups.prefix(4)) }

    func writeKeyCommand(_ request: WriteKeyRequest) throws(CardKeyError) -> CommandAPDU {
        CommandAPDU(0x84, 0xD4, request.p1, request.p2, le: request.challenge.last)
    }

    /// The challenge stands where the enciphered PIN and the MAC would.
    func pinCommand(_ request: PINCommandRequest) throws(CardKeyError) -> CommandAPDU {
        let parameters: (UInt8, UInt8) = if case .reset(_, let p1, let p2) = request.act { (p1, p2) } else { (0, 0) }
        do {
            return try CommandAPDU(0x84, 0x24, parameters.0, parameters.1, data: request.challenge)
        } catch {
            throw .serviceFailed("\(error)")
        }
    }

    func keyCheckValue(of key: CardKeyReference, card: CardKeyContext) throws(CardKeyError) -> KeyCheckValue {
        throw .serviceFailed("no keys here")
    }
}

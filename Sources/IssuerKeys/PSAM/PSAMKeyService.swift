import CardCryptography
public import ISO7816
import Synchronization

/// Issuer keys in a PSAM: the module in a terminal's second slot diversifies and calculates, and gives no key out.
///
/// It authenticates, checks cards, makes the MACs of updates and locks, enciphers what is written to files under line protection, and
/// resets and unblocks PINs. What needs a key itself, or deciphering, is refused: WRITE KEY, the code of a new identification code, enciphered
/// reading; `80 FA` enciphers and makes MACs, and nothing else (cos-dialects §7).
public final class PSAMKeyService: CardKeyService, @unchecked Sendable {  // `lock` guards the module
    let lock = Mutex(())
    let module: PSAMModule
    let hierarchy: KeyHierarchy

    /// Opens the module behind a channel, which nobody else uses from now on.
    ///
    /// Throws `module`: `notAModule` when the application is not there, `empty` when no keys were loaded.
    public init(
        _ channel: any CardChannel, dialect: PSAMDialect, hierarchy: KeyHierarchy
    ) throws(CardKeyError) {
        module = try PSAMModule(channel, dialect)
        self.hierarchy = hierarchy
        guard module.area != nil else { throw .module(.empty) }
    }

    /// X ‖ Y: `BF DE` with the card's factors and the session factor, then `80 FA` over Y.
    public func externalAuthentication(
        with key: CardKeyReference, of card: CardKeyContext, challenges: ChallengePair, form: CryptogramForm
    ) throws(CardKeyError) -> [UInt8] {
        try lock.withLock { _ throws(CardKeyError) in
            let place = try place(of: key, for: .externalAuthentication, card)
            return try sessionCryptogram(place, challenges, form) + challenges.original
        }
    }

    /// E(K, challenge): `80 1A`, then `80 FA`.
    public func plainExternalAuthentication(
        with key: CardKeyReference, of card: CardKeyContext, challenge: [UInt8], form: CryptogramForm
    ) throws(CardKeyError) -> [UInt8] {
        try lock.withLock { _ throws(CardKeyError) in
            let place = try place(of: key, for: .externalAuthentication, card)
            try refuseZeros(challenge)
            guard challenge.count == 4 || challenge.count == 8 else {
                throw .wrongLength("challenge", challenge.count)
            }
            let left = challenge + [UInt8](repeating: 0, count: 8 - challenge.count)
            try module.deriveCardKey(place)
            let block = place.cipher == .sm4 ? form.blocks.plainChallenge.block(left) : left
            return try Array(module.encipher(block, place.cipher).prefix(8))
        }
    }

    /// Whether the answer is the genuine card's.
    public func verifyInternalAuthentication(
        answer: [UInt8], with key: CardKeyReference, of card: CardKeyContext, challenges: ChallengePair,
        form: CryptogramForm
    ) throws(CardKeyError) -> Bool {
        try lock.withLock { _ throws(CardKeyError) in
            let place = try place(of: key, for: .internalAuthentication, card)
            return constantTimeEqual(answer, try sessionCryptogram(place, challenges, form))
        }
    }

    /// The hierarchy's.
    public var identificationCodeKey: KeyName { hierarchy.identificationCode.key }

    /// Refused: the module only enciphers with this key.
    public func identificationCodeAuthentication(
        over groups: [UInt8], with key: CardKeyReference, of card: CardKeyContext
    ) throws(CardKeyError) -> [UInt8] {
        throw .module(.cannot(key.policyName, KeyUse.identificationCode.rawValue))
    }

    /// Refused: the card's new keys would have to leave the module.
    public func writeKeyCommand(_ request: WriteKeyRequest) throws(CardKeyError) -> CommandAPDU {
        throw .module(.cannot(request.protection.policyName, "WRITE KEY"))
    }

    /// Finds the key in the module; refuses what needs a key outside it.
    public func check(_ need: CardKeyNeed, of card: CardKeyContext) throws(CardKeyError) {
        switch need {
        case .externalAuthentication(let key):
            try lock.withLock { _ throws(CardKeyError) in
                _ = try place(of: key, for: .externalAuthentication, card)
            }
        case .pinService(let service, let key):
            try lock.withLock { _ throws(CardKeyError) in _ = try pinPlace(of: key, for: service, card) }
        case .lineProtection(let mode, let key):
            let use: KeyUse = mode == .mac ? .commandMAC : .commandEncipherment
            try lock.withLock { _ throws(CardKeyError) in _ = try place(of: key, for: use, card) }
        case .encipheredReading(let key): throw .module(.cannot(key.policyName, "enciphered reading"))
        case .writeKey(_, let protection): throw .module(.cannot(protection.policyName, "WRITE KEY"))
        case .securityDomain: throw .securityDomain(.noSecurityDomains)
        }
    }

    /// The left three bytes of E(K, zeros), where the module enciphers with the key.
    public func keyCheckValue(
        of key: CardKeyReference, card: CardKeyContext
    ) throws(CardKeyError) -> KeyCheckValue {
        try lock.withLock { _ throws(CardKeyError) in
            let place = try place(of: key, for: nil, card)
            try module.deriveCardKey(place)
            let zeros = [UInt8](repeating: 0, count: place.cipher.blockLength)
            return KeyCheckValue(
                method: .encryptedZeros, bytes: Array(try module.encipher(zeros, place.cipher).prefix(3)))
        }
    }
}

extension PSAMKeyService: CustomStringConvertible, CustomReflectable {
    /// The area of its keys.
    public var description: String { "PSAMKeyService of \(module.area ?? "no area")" }
    /// The area of its keys.
    public var customMirror: Mirror { Mirror(self, children: ["area": module.area ?? ""]) }
}

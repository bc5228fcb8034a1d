public import CardCryptography

/// What a command for the holder's PIN shall do.
public struct PINCommandRequest: Sendable {
    /// The commands.
    public enum Act: Sendable {
        /// `84 24 P1 P2 0C E(LD ‖ PIN ‖ 80…) ‖ MAC`: the new PIN takes the old one's place, blocked or not.
        case reset(PersonalIdentificationNumber, p1: UInt8, p2: UInt8)
        /// `84 24 00 00 04 MAC`: the PIN stays and gets its tries back.
        case unblock
        /// `80 5E 00 id PIN ‖ MAC`: the MAC stands over the PIN alone, without a challenge; 3DES only.
        case reload(PersonalIdentificationNumber, identifier: UInt8)
    }

    /// What to do.
    public let act: Act
    /// The key that protects it.
    public let key: CardKeyReference
    /// The card.
    public let card: CardKeyContext
    /// The card's last challenge; not used to reload.
    public let challenge: [UInt8]
    /// Whether the key itself or a session key protects; not used to reload.
    public let keyForm: LineProtection.KeyForm
    /// What the card's profile says of SM4; not used to reload.
    public let sm4: SM4LineForm

    /// A request from its parts.
    public init(
        _ act: Act, key: CardKeyReference, card: CardKeyContext, challenge: [UInt8] = [],
        keyForm: LineProtection.KeyForm = .cardKey, sm4: SM4LineForm = .published
    ) {
        self.act = act
        self.key = key
        self.card = card
        self.challenge = challenge
        self.keyForm = keyForm
        self.sm4 = sm4
    }

    /// How the commands that carry a challenge are protected.
    public var protection: LineProtection { LineProtection(.encipheredWithMAC, keyForm: keyForm, sm4: sm4) }
}

extension PINCommandRequest.Act {
    /// Which command it is.
    public var service: CardKeyNeed.PINService {
        switch self {
        case .reset: .reset
        case .unblock: .unblock
        case .reload: .reload
        }
    }
}

public import CardCryptography

/// One command and its answer under protection: which key, which card, which challenge, which form.
public struct ProtectedExchange: Hashable, Sendable {
    /// The line-protection key.
    public let key: CardKeyReference
    /// The card.
    public let card: CardKeyContext
    /// The challenge the card gave just before the command: 4, 8 or 16 bytes.
    public let challenge: [UInt8]
    /// What is done to the data, and how.
    public let protection: LineProtection

    /// An exchange from its parts.
    public init(key: CardKeyReference, card: CardKeyContext, challenge: [UInt8], protection: LineProtection) {
        self.key = key
        self.card = card
        self.challenge = challenge
        self.protection = protection
    }
}

public import CardCryptography

/// What a WRITE KEY command shall carry.
public struct WriteKeyRequest: Sendable {
    /// The content of the new key record.
    public enum Content: Sendable {
        /// A key of the card.
        case key(CardKeyReference)
        /// The holder's PIN.
        case pin(PersonalIdentificationNumber)
    }

    /// P1: 01 adds a record; the type byte of the record updates it.
    public let p1: UInt8
    /// P2: the key identifier.
    public let p2: UInt8
    /// The bytes before the key, such as type, use right, change right, next state or version, counter or algorithm.
    public let header: [UInt8]
    /// The key or PIN that follows the header.
    public let content: Content
    /// Bytes that the content fills, FF behind it; nil when it keeps its own length.
    public let contentLength: Int?
    /// The directory's current master key, which enciphers and MACs.
    public let protection: CardKeyReference
    /// The card.
    public let card: CardKeyContext
    /// The card's last challenge: 4 or 8 bytes.
    public let challenge: [UInt8]
    /// What the card's profile says of SM4.
    public let sm4: SM4LineForm

    /// A request from its parts.
    public init(
        p1: UInt8, p2: UInt8, header: [UInt8], content: Content, contentLength: Int? = nil,
        protection: CardKeyReference, card: CardKeyContext, challenge: [UInt8], sm4: SM4LineForm = .published
    ) {
        self.p1 = p1
        self.p2 = p2
        self.header = header
        self.content = content
        self.contentLength = contentLength
        self.protection = protection
        self.card = card
        self.challenge = challenge
        self.sm4 = sm4
    }
}

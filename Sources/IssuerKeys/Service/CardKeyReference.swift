/// Which key a card command needs.
public enum CardKeyReference: Hashable, Sendable {
    /// A key of the hierarchy by its name, diversified for the card.
    case issuer(KeyName)
    /// The published transport value of a blank, 16 bytes; no secret.
    case transport([UInt8])
}

/// What diversifies the issuer's keys down to one card.
public struct CardKeyContext: Hashable, Sendable {
    /// The cipher of the card's keys.
    public let algorithm: CardAlgorithm
    /// The six-digit area code of the issuing city.
    public let area: String
    /// The card factor, 8 bytes.
    public let cardFactor: [UInt8]

    /// A context from its parts.
    public init(algorithm: CardAlgorithm, area: String, cardFactor: [UInt8]) {
        self.algorithm = algorithm
        self.area = area
        self.cardFactor = cardFactor
    }
}

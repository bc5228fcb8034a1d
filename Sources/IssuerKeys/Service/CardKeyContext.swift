/// What diversifies the issuer's keys down to one card.
public struct CardKeyContext: Hashable, Sendable {
    /// The cipher of the card's keys.
    public let algorithm: CardAlgorithm
    /// The six-digit area code of the issuing city.
    public let area: String
    /// The card factor, 8 bytes.
    public let cardFactor: [UInt8]
    /// The versions of the keys that the card was made with; nil for a new card, or one of which nothing is recorded: the live ones.
    public let versions: CardKeyVersions?

    /// A context from its parts.
    public init(algorithm: CardAlgorithm, area: String, cardFactor: [UInt8], versions: CardKeyVersions? = nil) {
        self.algorithm = algorithm
        self.area = area
        self.cardFactor = cardFactor
        self.versions = versions
    }

    /// The same card with keys of these versions.
    public func withVersions(_ versions: CardKeyVersions?) -> CardKeyContext {
        CardKeyContext(algorithm: algorithm, area: area, cardFactor: cardFactor, versions: versions)
    }
}

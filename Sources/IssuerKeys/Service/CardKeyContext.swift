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
    /// The 13 historical bytes of the answer to reset (复位信息), which gateways want to be told; nil where no card gave them.
    public let resetInformation: [UInt8]?
    /// The identification code (卡识别码), which gateways want to be told; nil before it was read.
    public let identificationCode: [UInt8]?

    /// A context from its parts.
    public init(
        algorithm: CardAlgorithm, area: String, cardFactor: [UInt8], versions: CardKeyVersions? = nil,
        resetInformation: [UInt8]? = nil, identificationCode: [UInt8]? = nil
    ) {
        self.algorithm = algorithm
        self.area = area
        self.cardFactor = cardFactor
        self.versions = versions
        self.resetInformation = resetInformation
        self.identificationCode = identificationCode
    }

    /// The same card with keys of these versions.
    public func withVersions(_ versions: CardKeyVersions?) -> CardKeyContext {
        CardKeyContext(
            algorithm: algorithm, area: area, cardFactor: cardFactor, versions: versions,
            resetInformation: resetInformation, identificationCode: identificationCode)
    }

    /// The same card, whose identification code was read.
    public func withIdentificationCode(_ code: [UInt8]) -> CardKeyContext {
        CardKeyContext(
            algorithm: algorithm, area: area, cardFactor: cardFactor, versions: versions,
            resetInformation: resetInformation, identificationCode: code)
    }
}

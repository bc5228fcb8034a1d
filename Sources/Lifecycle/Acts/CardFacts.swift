public import CardData

/// What is fixed about a card when it is personalised.
public struct CardFacts: Hashable, Sendable {
    /// The number printed on it.
    public let number: CardNumber
    /// The person it is made for.
    public let person: PersonReference
    /// The layout it was written by, or brought to, for example `national-3.0`.
    public let layout: String
    /// The profile of its card operating system.
    public let profile: String
    /// The issuing area, six digits (GB/T 2260).
    public let area: String
    /// EF05/05 发卡日期.
    public let issued: CardDate
    /// EF05/06 卡有效期.
    public let expires: CardDate
    /// The hash of the plan that wrote it; empty when it was written elsewhere.
    public let planHash: [UInt8]
    /// The serial number of the blank's chip, which accounts for the blank.
    public let blankSerial: [UInt8]
    /// The versions of the issuer keys it was made with, as the room of keys writes them; empty when they were not recorded.
    ///
    /// The log holds them; the tables, which are views of it, do not.
    public let keyVersions: String

    /// A card's facts.
    public init(
        number: CardNumber, person: PersonReference, layout: String, profile: String, area: String, issued: CardDate,
        expires: CardDate, planHash: [UInt8] = [], blankSerial: [UInt8], keyVersions: String = ""
    ) {
        self.number = number
        self.person = person
        self.layout = layout
        self.profile = profile
        self.area = area
        self.issued = issued
        self.expires = expires
        self.planHash = planHash
        self.blankSerial = blankSerial
        self.keyVersions = keyVersions
    }

    /// The same card on another layout.
    public func migrated(layout: String, profile: String) -> CardFacts {
        CardFacts(
            number: number, person: person, layout: layout, profile: profile, area: area, issued: issued,
            expires: expires, planHash: planHash, blankSerial: blankSerial, keyVersions: keyVersions)
    }
}

/// Cards that are alike in their keys: how many there are of one layout, one profile and one record of key versions.
public struct CardGroup: Hashable, Sendable {
    /// The layout, for example `national-2.0`.
    public let layout: String
    /// The profile of the card operating system.
    public let profile: String
    /// The cipher of all keys of these cards.
    public let algorithm: CardAlgorithm
    /// The versions of their keys.
    public let versions: CardKeyVersions
    /// The keys that such a card holds.
    public let keys: Set<KeyName>
    /// How many there are.
    public let count: Int

    /// A group from its parts.
    public init(
        layout: String, profile: String, algorithm: CardAlgorithm, versions: CardKeyVersions, keys: Set<KeyName>,
        count: Int
    ) {
        self.layout = layout
        self.profile = profile
        self.algorithm = algorithm
        self.versions = versions
        self.keys = keys
        self.count = count
    }
}

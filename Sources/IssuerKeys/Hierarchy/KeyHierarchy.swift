public import CardData

/// All keys of the card and the levels they come down through, read from a file (`Keys/hierarchy.yaml`).
public struct KeyHierarchy: Sendable {
    /// One key.
    public struct Key: Hashable, Sendable {
        /// Its name.
        public let name: KeyName
        /// Its group.
        public let group: KeyGroup
        /// What it may be used for.
        public let uses: Set<KeyUse>
        /// What people call it.
        public let title: String
        /// The algorithms it exists for.
        public let algorithms: Set<CardAlgorithm>
        /// The number of its place in the hardware module, of its first group; nil when none is published.
        public let moduleAddress: UInt16?
        /// How many groups the module holds, at consecutive addresses.
        public let moduleGroups: Int
        /// Bytes it has in the module: 16, or 8 for maintenance keys; in the card it always has 16.
        public let moduleLength: Int
        /// Its class and identifier in a PSAM; nil when none is published.
        public let terminalKey: TerminalKey?
        /// Where it stands in the file.
        public let place: SourcePlace
    }

    /// A key's place in a PSAM.
    public struct TerminalKey: Hashable, Sendable {
        /// The class (用途), the low five bits of the key use byte.
        public let keyClass: UInt8
        /// The identifier.
        public let identifier: UInt8
    }

    /// The keys in the order of the file.
    public let keys: [Key]
    /// How each level's factor is made, from the province down to the card.
    public let levels: [LevelFactor]
    /// The parity rule of derived DES keys.
    public let parity: KeyParity
    private let index: [KeyName: Key]

    init(keys: [Key], levels: [LevelFactor], parity: KeyParity) {
        self.keys = keys
        self.levels = levels
        self.parity = parity
        index = Dictionary(keys.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The key of a name; nil when there is none.
    public subscript(name: KeyName) -> Key? { index[name] }

    /// All names, for the checks of layouts.
    public var names: Set<String> { Set(keys.map(\.name.rawValue)) }

    /// The factors that lead from a level down to a city; none for an area that is no code.
    func areaFactors(from level: KeyLevel, area: String) -> [DiversificationFactor] {
        levels.filter { $0.level > level && $0.level < .card }.compactMap { $0.factor(area: area) }
    }
}

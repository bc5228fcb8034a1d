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
        /// Its versions, the oldest first; exactly one of them is live.
        public let versions: [Version]
        /// Days for which a version may make cards (密钥使用期); nil for no limit.
        public let period: Int?
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

    /// One version of a key.
    public struct Version: Hashable, Sendable {
        /// Its number.
        public let version: KeyVersion
        /// How far it has come.
        public let stage: KeyStage
        /// The day from which it made cards; nil when it made none yet or nobody wrote it down.
        public let since: CardDate?
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
    /// The last day on which each algorithm may be used (停用日期), where one is set.
    public let cutOffs: [CardAlgorithm: CardDate]
    /// The key sets of security domains, in the order of the file.
    public let securityDomains: [SecurityDomainKeySet]
    /// How the authentication code of identification codes is made.
    public let identificationCode: IdentificationCodeRule
    private let index: [KeyName: Key]

    init(
        keys: [Key], levels: [LevelFactor], parity: KeyParity, cutOffs: [CardAlgorithm: CardDate] = [:],
        securityDomains: [SecurityDomainKeySet] = [], identificationCode: IdentificationCodeRule = .usual
    ) {
        self.identificationCode = identificationCode
        self.securityDomains = securityDomains
        self.keys = keys
        self.levels = levels
        self.parity = parity
        self.cutOffs = cutOffs
        index = Dictionary(keys.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The key of a name; nil when there is none.
    public subscript(name: KeyName) -> Key? { index[name] }

    /// All names, for the checks of layouts.
    public var names: Set<String> { Set(keys.map(\.name.rawValue)) }

    /// The names of all keys with a use.
    public func names(for use: KeyUse) -> Set<String> {
        Set(keys.filter { $0.uses.contains(use) }.map(\.name.rawValue))
    }

    /// Whether two areas have the same keys: every level above the card makes the same factor of both.
    public func givesSameKeys(_ area: String, _ other: String) -> Bool {
        let factors = areaFactors(from: .ministry, area: area)
        return !factors.isEmpty && factors == areaFactors(from: .ministry, area: other)
    }

    /// The factors that lead from a level down to a city; none for an area that is no code.
    func areaFactors(from level: KeyLevel, area: String) -> [DiversificationFactor] {
        levels.filter { $0.level > level && $0.level < .card }.compactMap { $0.factor(area: area) }
    }
}

extension KeyHierarchy.Key {
    /// The version that makes new cards.
    public var live: KeyVersion { versions.first { $0.stage == .live }?.version ?? .first }

    /// How far a version has come; nil when the hierarchy does not name it.
    public func stage(of version: KeyVersion) -> KeyStage? { versions.first { $0.version == version }?.stage }

    /// The place of a version in the hardware module, which keeps the versions of a key as its groups, one behind the other; nil
    /// when it has none there.
    public func moduleAddress(of version: KeyVersion) -> UInt16? {
        guard let moduleAddress, Int(version.number) <= moduleGroups else { return nil }
        return moduleAddress + UInt16(version.number) - 1
    }

    /// The last day for which the live version may make cards; nil without limit or beginning.
    public var expiry: CardDate? {
        guard let period, let since = versions.first(where: { $0.stage == .live })?.since else { return nil }
        return since.adding(days: period)
    }
}

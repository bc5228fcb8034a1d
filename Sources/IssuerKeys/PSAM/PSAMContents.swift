public import ISO7816

/// What a PSAM says of itself and which keys it holds; no key is used on a card for it.
public struct PSAMContents: Hashable, Sendable {
    /// One key of the hierarchy that has a place in a PSAM.
    public struct Key: Hashable, Sendable {
        /// Its name.
        public let name: KeyName
        /// The algorithm.
        public let algorithm: CardAlgorithm
        /// The kind with the number of levels.
        public let use: UInt8
        /// The identifier.
        public let identifier: UInt8
        /// Whether the module holds it.
        public let isHeld: Bool
    }

    /// The version byte.
    public let version: UInt8
    /// Whether that version knows SM4.
    public let knowsSM4: Bool
    /// The area of the keys; nil on a module without keys.
    public let area: String?
    /// The terminal's number, six bytes BCD; FF where none was written.
    public let terminalNumber: [UInt8]
    /// The keys, by algorithm and in the hierarchy's order.
    public let keys: [Key]

    /// Asks the module behind a channel.
    ///
    /// Throws `module`: `notAModule` when the application is not there.
    public init(_ channel: any CardChannel, dialect: PSAMDialect, hierarchy: KeyHierarchy) throws(CardKeyError) {
        let module = try PSAMModule(channel, dialect)
        version = module.version
        knowsSM4 = module.version >= dialect.sm4From
        area = module.area
        var keys: [Key] = []
        for algorithm in [CardAlgorithm.tripleDES, .sm4] where algorithm == .tripleDES || knowsSM4 {
            let file = try dialect.algorithm(algorithm).keyFile
            try module.select(file)
            for key in hierarchy.keys {
                guard let place = key.terminalKey else { continue }
                let use = UInt8(dialect.factorCount) << 5 | place.keyClass & 0x1F
                let factors = [UInt8](repeating: 0, count: 8 * dialect.factorCount)
                let statusWord = try module.send(0x80, 0x1A, use, place.identifier, factors).statusWord
                // keys of other kinds are there and not for this command: 6985
                keys.append(
                    Key(
                        name: key.name, algorithm: algorithm, use: use, identifier: place.identifier,
                        isHeld: statusWord != .referencedDataNotFound && statusWord != .keyIndexNotSupported))
            }
        }
        self.keys = keys
        try module.select(0x3F00)
        terminalNumber = try module.read(dialect.terminalNumberFile)
    }
}

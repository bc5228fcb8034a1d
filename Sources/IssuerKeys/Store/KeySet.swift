import ByteText
public import CardCryptography
public import CardData

/// The keys of one level and area, opened: what a card centre holds.
///
/// None of them is ever given out in the clear.
public struct KeySet: Sendable {
    /// Which key of which algorithm.
    public struct Identity: Hashable, Sendable, Comparable {
        /// The key's name in the hierarchy.
        public let name: KeyName
        /// Its algorithm.
        public let algorithm: CardAlgorithm
        /// Its version.
        public let version: KeyVersion

        /// An identity from its parts.
        public init(name: KeyName, algorithm: CardAlgorithm, version: KeyVersion = .first) {
            self.name = name
            self.algorithm = algorithm
            self.version = version
        }

        /// By name, then by algorithm, then by version.
        public static func < (left: Identity, right: Identity) -> Bool {
            (left.name.rawValue, left.algorithm.rawValue, left.version)
                < (right.name.rawValue, right.algorithm.rawValue, right.version)
        }
    }

    /// What people call the set.
    public let name: String
    /// The level its keys are of.
    public let level: KeyLevel
    /// The six-digit code of the area it belongs to; pairs of zeros at the end stand for everything below.
    public let area: String
    /// The check value of the root that its keys come down from.
    public let root: KeyCheckValue
    /// How the keys came down to this set; empty for a set that a ceremony made.
    public internal(set) var lineage: [DerivationRecord] = []
    private var held: [Identity: HeldKey] = [:]
    private var exportable: [Identity: KeyBlockHeader.Exportability] = [:]

    /// A set without keys.
    ///
    /// Throws `key-store.value` for a level or area that is none.
    public init(name: String, level: KeyLevel, area: String, root: KeyCheckValue) throws(Faults) {
        guard level != .card else { throw Faults("key-store.value", ["field": "level"]) }
        guard AreaFactor.isAreaCode(area) else { throw Faults("key-store.value", ["field": "area"]) }
        guard KeySetHeader.isName(name) else { throw Faults("key-store.value", ["field": "name"]) }
        self.name = name
        self.level = level
        self.area = area
        self.root = root
    }

    /// Puts a key of 16 bytes into the set.
    ///
    /// - Parameter exportability: whether it may leave the set in a key block; no key may unless this says so.
    ///
    /// Throws `key-store.key-refused` when it is there already, has another length, or has no cipher in software.
    public mutating func insert(
        _ key: consuming SecretBytes, as name: KeyName, _ algorithm: CardAlgorithm, version: KeyVersion = .first,
        exportability: KeyBlockHeader.Exportability = .forbidden
    ) throws(Faults) {
        let identity = Identity(name: name, algorithm: algorithm, version: version)
        let reason: String? =
            if held[identity] != nil {
                "held already"
            } else if key.count != 16 {
                "\(key.count) bytes"
            } else if algorithm == .ssf33 {
                algorithm.description
            } else if !(1...255).contains(name.rawValue.utf8.count) {
                "name"
            } else {
                nil
            }
        if let reason { throw Faults("key-store.key-refused", ["key": name.rawValue, "reason": reason]) }
        held[identity] = HeldKey(key)
        if exportability != .forbidden { exportable[identity] = exportability }
    }

    /// Whether a key may leave the set in a key block.
    public func exportability(of identity: Identity) -> KeyBlockHeader.Exportability {
        exportable[identity] ?? .forbidden
    }

    /// What the set holds, in order.
    public var identities: [Identity] { held.keys.sorted() }

    /// Whether cards of a city are served by this set: a city's set serves that city only, a province's every city whose code
    /// begins as its own does before the zeros.
    public func covers(area other: String) -> Bool {
        guard AreaFactor.isAreaCode(other) else { return false }
        guard level != .city else { return area == other }
        var prefix = area[...]
        while prefix.hasSuffix("00") { prefix = prefix.dropLast(2) }
        return other.hasPrefix(prefix)
    }

    /// A key; nil when the set does not hold it.
    subscript(identity: Identity) -> HeldKey? { held[identity] }
}

extension KeySet: CustomStringConvertible, CustomReflectable {
    /// Name, level and area; no keys.
    public var description: String { "KeySet \(name), \(level.rawValue) \(area), root \(root)" }
    /// Name, level and area; no keys.
    public var customMirror: Mirror { Mirror(self, children: ["name": name, "level": level, "area": area]) }
}

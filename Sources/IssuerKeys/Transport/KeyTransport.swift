public import CardCryptography
public import CardData

/// Keys of a set in key blocks, out and in.
///
/// Nothing may leave a set unless the flag that came in with it says so, and no flag ever allows more than the one before. What a
/// block says of its key is compared with the hierarchy before the key is used: name, use, algorithm, version, check value, area.
public struct KeyTransport: Sendable {
    /// The optional block with the key's name.
    private static let label = "LB"
    /// The optional block with the check value: 00 and E(K, zeros), three bytes.
    private static let checkValue = "KC"
    /// The optional block, our own, with level and area: `city 990101`.
    private static let place = "10"

    private let hierarchy: KeyHierarchy

    /// Transport of the keys of a hierarchy.
    public init(_ hierarchy: KeyHierarchy) { self.hierarchy = hierarchy }

    /// What a block says of its key, and what the key is.
    public struct Arrival: ~Copyable {
        /// The key's identity in a set.
        public let identity: KeySet.Identity
        /// Whether it may leave again.
        public let exportability: KeyBlockHeader.Exportability
        /// Its check value.
        public let checkValue: KeyCheckValue
        let key: SecretBytes
    }

    // MARK: - Out

    /// The block of a key.
    ///
    /// Throws `key-block.export-forbidden` for a key that may not leave, `key-block.looser` for a flag that allows more than its
    /// own, `key-store.not-in-set`, `key-block.version`, and what ``KeyBlock`` refuses.
    public func export(
        _ identity: KeySet.Identity, from set: KeySet, version: KeyBlockVersion, protection: borrowing SecretBytes,
        exportability: KeyBlockHeader.Exportability = .forbidden
    ) throws(Faults) -> String {
        let value = try set.checkValue(of: identity)
        guard let held = set[identity], let key = hierarchy[identity.name] else {
            throw Faults("key-block.name", ["name": identity.name.rawValue])
        }
        let own = set.exportability(of: identity)
        guard own != .forbidden else {
            throw Faults("key-block.export-forbidden", ["key": identity.name.rawValue, "name": set.name])
        }
        guard exportability >= own else {
            throw Faults(
                "key-block.looser",
                [
                    "key": identity.name.rawValue, "flag": String(exportability.rawValue),
                    "own": String(own.rawValue),
                ])
        }
        guard identity.version.number < 100 else {
            throw Faults("key-block.version", ["version": identity.version.description])
        }
        let letter: Character
        do throws(CardKeyError) { letter = try identity.algorithm.blockLetter } catch {
            throw Faults(error.faults) ?? Faults("key-block.name", ["name": identity.name.rawValue])
        }
        let number = identity.version.description
        return try transporting { () throws(KeyBlockError) in
            let header = try KeyBlockHeader(
                version: version, usage: key.blockUsage, algorithm: letter, mode: "X",
                keyVersion: number.count == 1 ? "0" + number : number, exportability: exportability,
                optionalBlocks: [
                    .init(Self.checkValue, "00" + value.bytes.prefix(3).map(\.twoDigits).joined()),
                    .init(Self.label, identity.name.rawValue), .init(Self.place, "\(set.level.rawValue) \(set.area)"),
                ])
            return try held.withSpan { key throws(KeyBlockError) in
                try protection.withSpan { protection throws(KeyBlockError) in
                    try KeyBlock.make(header, key: key, protection: protection)
                }
            }
        }
    }

    // MARK: - In

    /// Opens a block and compares what it says.
    ///
    /// - Parameter set: where the key shall go; a block that names another level or area is refused.
    ///
    /// Throws what ``KeyBlock`` refuses, and `key-block.name`, `key-block.usage`, `key-block.mode`, `key-block.algorithm`,
    /// `key-block.version`, `key-block.check-value`, `key-block.other-place`, `key-block.weak-key`. Nothing of the key is used then.
    public func open(
        _ block: String, protection: borrowing SecretBytes, for set: KeySet
    ) throws(Faults) -> Arrival {
        let opened = try transporting { () throws(KeyBlockError) in
            try protection.withSpan { protection throws(KeyBlockError) in
                try KeyBlock.open(block, protection: protection)
            }
        }
        let header = opened.header
        let identity = try identity(of: header)
        if let place = header.text(of: Self.place), place != "\(set.level.rawValue) \(set.area)" {
            throw Faults(
                "key-block.other-place", ["found": place, "expected": "\(set.level.rawValue) \(set.area)"])
        }
        let cipher = identity.algorithm.masterCipher
        let value = try opened.key.withSpan { key throws(Faults) in
            guard key.count == 16 else {
                throw Faults(
                    "key-block.key-length", ["algorithm": String(header.algorithm), "length": String(key.count)])
            }
            guard !BlockCipherKey.isWeak(cipher, key) else {
                throw Faults("key-block.weak-key", ["key": identity.name.rawValue])
            }
            return try storing { () throws(CryptographyError) in try KeyCheckValue(of: key, cipher: cipher) }
        }
        if let told = header.text(of: Self.checkValue), told != "00" + value.bytes.map(\.twoDigits).joined() {
            throw Faults("key-block.check-value", ["key": identity.name.rawValue])
        }
        let key = opened.key.withSpan { key in
            SecretBytes.filling(count: key.count) { span in
                for index in key.indices { span[index] = key[index] }
                // the rule of this house, whatever the sender's: the key works alike, and its bytes are those that are compared
                if identity.algorithm == .tripleDES { hierarchy.parity.apply(to: &span) }
            }
        }
        return Arrival(identity: identity, exportability: header.exportability, checkValue: value, key: key)
    }

    /// Opens a block and puts its key into a set, with its flag.
    ///
    /// Throws what ``open(_:protection:for:)`` throws, and `key-store.key-refused` when the set has the key already.
    public func add(
        _ block: String, protection: borrowing SecretBytes, to set: inout KeySet
    ) throws(Faults) -> (identity: KeySet.Identity, checkValue: KeyCheckValue) {
        let arrival = try open(block, protection: protection, for: set)
        let (identity, value) = (arrival.identity, arrival.checkValue)
        try set.insert(
            SecretBytes(copying: arrival.key), as: identity.name, identity.algorithm, version: identity.version,
            exportability: arrival.exportability)
        return (identity, value)
    }

    private func identity(of header: KeyBlockHeader) throws(Faults) -> KeySet.Identity {
        guard let label = header.text(of: Self.label), let key = hierarchy[KeyName(rawValue: label)] else {
            throw Faults("key-block.name", ["name": header.text(of: Self.label) ?? "–"])
        }
        guard header.usage == key.blockUsage else {
            throw Faults(
                "key-block.usage", ["key": label, "usage": header.usage, "expected": key.blockUsage])
        }
        guard header.mode == "X" else { throw Faults("key-block.mode", ["key": label, "mode": String(header.mode)]) }
        guard let algorithm = CardAlgorithm(blockLetter: header.algorithm), key.algorithms.contains(algorithm) else {
            throw Faults("key-block.algorithm", ["key": label, "algorithm": String(header.algorithm)])
        }
        guard let version = Int(header.keyVersion).flatMap(KeyVersion.init) else {
            throw Faults("key-block.version", ["version": header.keyVersion])
        }
        return KeySet.Identity(name: key.name, algorithm: algorithm, version: version)
    }
}

extension SecretBytes {
    /// The same bytes once more.
    fileprivate init(copying other: borrowing SecretBytes) {
        self = other.withSpan { SecretBytes(copying: $0) }
    }
}

extension UInt8 {
    fileprivate var twoDigits: String { (self < 16 ? "0" : "") + String(self, radix: 16, uppercase: true) }
}

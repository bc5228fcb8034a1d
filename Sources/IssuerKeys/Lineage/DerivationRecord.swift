import ByteText

/// What one derivation did, without a key: who the parent was, what led to the child, and how both are told.
///
/// The version goes down unchanged: version 2 of a province gives version 2 of its cities.
public struct DerivationRecord: Hashable, Sendable {
    /// The key's name.
    public let key: KeyName
    /// Its algorithm.
    public let algorithm: CardAlgorithm
    /// The parent's version, and the child's.
    public let version: KeyVersion
    /// The level that the child is of; the parent is of the level above.
    public let level: KeyLevel
    /// The factor.
    public let factor: DiversificationFactor
    /// What happened to the parity bits of a DES key.
    public let parity: KeyParity
    /// The parent's check value.
    public let parent: KeyCheckValue
    /// The child's check value.
    public let child: KeyCheckValue

    /// A record from its parts; nil for the ministry, which nothing is above, and for check values of two methods, which do not
    /// compare.
    public init?(
        key: KeyName, algorithm: CardAlgorithm, version: KeyVersion, level: KeyLevel, factor: DiversificationFactor,
        parity: KeyParity, parent: KeyCheckValue, child: KeyCheckValue
    ) {
        guard level != .ministry, parent.method == child.method else { return nil }
        self.key = key
        self.algorithm = algorithm
        self.version = version
        self.level = level
        self.factor = factor
        self.parity = parity
        self.parent = parent
        self.child = child
    }

    /// The one form that is hashed, signed and sealed: ``description`` in ASCII.
    public var canonicalBytes: [UInt8] { Array(description.utf8) }
}

extension DerivationRecord: CustomStringConvertible {
    private static let form = "derivation-1"

    /// `derivation-1 STK 3des 1 city 3939303130307378 none enc-zero:08D7B4 enc-zero:6A2C01`: the form's name, key, algorithm, version,
    /// level, factor, parity, parent and child, one space between them.
    public var description: String {
        [
            Self.form, key.rawValue, algorithm.description, version.description, level.rawValue, factor.description,
            parity.rawValue, parent.description, child.description,
        ].joined(separator: " ")
    }

    /// Reads a record as ``description`` writes it; nil when it is none.
    public init?(_ text: some StringProtocol) {
        let fields = text.split(separator: " ", omittingEmptySubsequences: false)
        guard fields.count == 9, fields[0] == Self.form, !fields[1].isEmpty,
            let algorithm = CardAlgorithm(String(fields[2])), let version = KeyVersion(fields[3]),
            let level = KeyLevel(rawValue: String(fields[4])),
            let factor = [UInt8](hexadecimal: fields[5]).flatMap({ DiversificationFactor($0) }),
            let parity = KeyParity(rawValue: String(fields[6])), let parent = KeyCheckValue(String(fields[7])),
            let child = KeyCheckValue(String(fields[8]))
        else { return nil }
        self.init(
            key: KeyName(rawValue: String(fields[1])), algorithm: algorithm, version: version, level: level,
            factor: factor, parity: parity, parent: parent, child: child)
        // one form only: lower-case digits or a leading zero would give other bytes for the same record
        guard description == text else { return nil }
    }
}

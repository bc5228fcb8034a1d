import CardData

/// What a token's keys are for, chosen when they are loaded and told by the token's own attributes.
public enum TokenPurpose: String, Hashable, Sendable, CaseIterable {
    /// 制卡: card keys come out to the module's process, which writes them into commands (CKA_ENCRYPT on the masters).
    case cardMaking = "card-making"
    /// 联机认证: every derivation stays inside; the token makes cryptograms, MACs and PIN commands, but loads no card key.
    case authentication
}

/// A key set in a token: what the sealed store's file says of it, and which of its keys the token holds.
public struct TokenDescription: Hashable, Sendable {
    static let format = "sscard-token-keys-1"

    /// The key set's name.
    public let name: String
    /// The level of its keys.
    public let level: KeyLevel
    /// The area it serves.
    public let area: String
    /// The check value of its root.
    public let root: KeyCheckValue
    /// What the keys are for.
    public let purpose: TokenPurpose
    /// What the token holds, in order.
    ///
    /// Keys of SM4 are opaque objects: kept, never used.
    public internal(set) var identities: [KeySet.Identity] = []

    /// The description of a set that is to be loaded.
    init(_ set: KeySet, purpose: TokenPurpose) {
        name = set.name
        level = set.level
        area = set.area
        root = set.root
        self.purpose = purpose
    }

    /// What the token's data object says: one field a line.
    var text: String {
        [Self.format, name, level.rawValue, area, root.description, purpose.rawValue].joined(separator: "\n")
    }

    /// Reads ``text``; nil when it is none.
    init?(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard lines.count == 6, lines[0] == Self.format, KeySetHeader.isName(lines[1]),
            let level = KeyLevel(rawValue: lines[2]), level != .card, AreaFactor.isAreaCode(lines[3]),
            let root = KeyCheckValue(lines[4]), let purpose = TokenPurpose(rawValue: lines[5])
        else { return nil }
        name = lines[1]
        self.level = level
        area = lines[3]
        self.root = root
        self.purpose = purpose
    }

    /// A set without its keys, which knows what it covers.
    var emptySet: KeySet {
        get throws(Faults) { try KeySet(name: name, level: level, area: area, root: root) }
    }
}

extension TokenDescription {
    func write(to writer: ModuleWriter) {
        writer.put(text)
        writer.put(count: identities.count)
        for identity in identities { writer.put(identity.tokenLabel) }
    }

    init(from reader: ModuleReader) throws(TokenFailure) {
        guard var description = TokenDescription(try reader.text()) else { throw .malformedMessage }
        for _ in 0..<(try reader.count()) {
            guard let identity = KeySet.Identity(tokenLabel: try reader.text()) else { throw .malformedMessage }
            description.identities.append(identity)
        }
        self = description
    }
}

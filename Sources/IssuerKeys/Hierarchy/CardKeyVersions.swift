/// Which version of each key a card was made with, as it is recorded with the card.
///
/// Almost always one number says it all; keys that were switched by themselves, for instance after an incident, are named.
public struct CardKeyVersions: Hashable, Sendable {
    /// The version of every key that is not named.
    public let base: KeyVersion
    /// The versions of keys that have another one.
    public let exceptions: [KeyName: KeyVersion]

    /// Versions from their parts; exceptions that are none are left out, so that equal records are equal.
    public init(base: KeyVersion, exceptions: [KeyName: KeyVersion] = [:]) {
        self.base = base
        self.exceptions = exceptions.filter { $0.value != base }
    }

    /// What a card has whose versions nobody recorded, for it is from before there were versions: 1 of every key.
    public static let unrecorded = CardKeyVersions(base: .first)

    /// The version of a key.
    public subscript(name: KeyName) -> KeyVersion { exceptions[name] ?? base }
}

extension CardKeyVersions: CustomStringConvertible {
    /// `1`, or `1,STKDF03=2` with the names in order.
    public var description: String {
        ([base.description] + exceptions.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key)=\($0.value)" })
            .joined(separator: ",")
    }

    /// Reads versions as `description` writes them; nil when they are none.
    public init?(_ text: String) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard let first = parts.first, let base = KeyVersion(first) else { return nil }
        var exceptions: [KeyName: KeyVersion] = [:]
        for part in parts.dropFirst() {
            let sides = part.split(separator: "=", omittingEmptySubsequences: false)
            guard sides.count == 2, !sides[0].isEmpty, let version = KeyVersion(sides[1]), version != base,
                exceptions.updateValue(version, forKey: KeyName(rawValue: String(sides[0]))) == nil
            else { return nil }
        }
        self.init(base: base, exceptions: exceptions)
    }
}

extension KeyHierarchy {
    /// Whether every card can only have the versions that new cards get, since none came before.
    public var hasOnlyFirstVersions: Bool { keys.allSatisfy { $0.versions.first?.stage == .live } }

    /// The versions that new cards are made with: what most keys have is the base.
    public var liveVersions: CardKeyVersions {
        var counts: [KeyVersion: Int] = [:]
        for key in keys { counts[key.live, default: 0] += 1 }
        let base = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? .first
        return CardKeyVersions(
            base: base, exceptions: Dictionary(keys.map { ($0.name, $0.live) }, uniquingKeysWith: { first, _ in first })
        )
    }

    /// The version of a key that serves a card: the one it was made with, the live one where nothing is recorded.
    ///
    /// - Throws: `unknownKey`; `versionWithdrawn` for one that may not be used any more.
    public func version(of name: KeyName, for card: CardKeyContext) throws(CardKeyError) -> KeyVersion {
        guard let key = self[name] else { throw .unknownKey(name) }
        guard let version = card.versions?[name] else { return key.live }
        guard key.stage(of: version) != .withdrawn else { throw .versionWithdrawn(name, version) }
        return version
    }
}

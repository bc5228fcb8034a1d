public import CardData

/// A key set of security domains as the hierarchy file describes it; holds no secret.
public struct SecurityDomainKeySet: Hashable, Sendable {
    /// Where the three keys of a card come from.
    public enum Source: Hashable, Sendable {
        /// A value that the maker has published, the same for all three and in every card.
        case published([UInt8])
        /// Masters of the hierarchy.
        case masters(encryption: KeyName, mac: KeyName, dataEncryption: KeyName)
    }

    /// What profiles call it.
    public let name: String
    /// What people call it.
    public let title: String
    /// The key version number on the card, 01 to 7F.
    public let version: UInt8
    /// Which version of the masters it is made of, whatever version is live: a card states the key version number, and with it this.
    public let edition: KeyVersion
    /// Where its keys come from.
    public let source: Source
    /// Where it stands in the file.
    public let place: SourcePlace

    /// The value that everybody knows; nil for keys that come from masters.
    var publishedValue: [UInt8]? {
        if case .published(let value) = source { value } else { nil }
    }
}

extension KeyHierarchy {
    /// What makers have published: on a blank, and never on a card that is handed out.
    var publishedValues: [[UInt8]] { securityDomains.compactMap(\.publishedValue) }

    /// The key set of a name; nil when there is none.
    public func securityDomain(_ name: String) -> SecurityDomainKeySet? {
        securityDomains.first { $0.name == name }
    }
}

extension SecurityDomainKeySet {
    /// Reads all sets; their masters must be keys of the hierarchy for secure channels.
    static func all(in node: YAMLNode?, keys: [KeyHierarchy.Key]) throws(Faults) -> [SecurityDomainKeySet] {
        guard let node else { return [] }
        let masters = Set(keys.filter { $0.uses.contains(.secureChannel) }.map(\.name))
        var faults = FaultCollector()
        let sets = try node.mapping.compactMap { entry in
            faults.attempt { () throws(Faults) in try SecurityDomainKeySet(entry, masters: masters) }
        }
        try faults.check()
        return sets
    }

    private init(_ entry: YAMLNode.Entry, masters: Set<KeyName>) throws(Faults) {
        let node = entry.value
        var faults = FaultCollector()
        node.unknownKeys(allowed: ["title", "version", "published", "encryption", "mac", "dataEncryption", "edition"])
            .forEach { faults.add($0) }
        let title = faults.attempt { () throws(Faults) in try node.required("title").string }
        let version = faults.attempt { () throws(Faults) in
            let field = try node.required("version")
            let version = try field.hexByte
            guard (0x01...0x7F).contains(version) else {
                throw field.fault(
                    "key-hierarchy.number", ["key": "version", "value": try field.string, "allowed": "01–7F"])
            }
            return version
        }
        let edition = faults.attempt { () throws(Faults) in
            guard let field = node["edition"] else { return KeyVersion.first }
            guard let edition = KeyVersion(try field.string) else {
                throw field.fault("key-hierarchy.version", ["value": try field.string])
            }
            return edition
        }
        let source = faults.attempt { () throws(Faults) in try Self.source(node, masters) }
        try faults.check()
        guard let title, let version, let edition, let source else { throw node.fault("data-file.empty") }
        (name, self.title, self.version, self.edition) = (entry.key, title, version, edition)
        (self.source, place) = (source, entry.place)
    }

    private static func source(_ node: YAMLNode, _ masters: Set<KeyName>) throws(Faults) -> Source {
        if let published = node["published"] {
            let value = try published.hexBytes
            guard value.count == 16 else {
                throw published.fault("key-hierarchy.published-value", ["length": String(value.count)])
            }
            return .published(value)
        }
        func master(_ key: String) throws(Faults) -> KeyName {
            let field = try node.required(key)
            let name = KeyName(rawValue: try field.string)
            guard masters.contains(name) else {
                throw field.fault("key-hierarchy.no-domain-key", ["key": name.rawValue])
            }
            return name
        }
        return .masters(
            encryption: try master("encryption"), mac: try master("mac"), dataEncryption: try master("dataEncryption"))
    }
}

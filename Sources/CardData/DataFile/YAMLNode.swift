/// A piece of a YAML file that knows where it stands.
///
/// Scalars are always text: `08`, `1.00`, `EF05` and `no` stay what was written, and the accessors say what is wanted of them.
public struct YAMLNode: Hashable, Sendable {
    /// What stands there.
    public enum Content: Hashable, Sendable {
        /// A scalar as it was written, without quotes; empty when nothing was.
        case text(String)
        /// A sequence.
        case list([YAMLNode])
        /// A mapping in the order of the file.
        case mapping([Entry])
    }

    /// One key of a mapping with its value.
    public struct Entry: Hashable, Sendable {
        /// The key.
        public let key: String
        /// Where the key stands.
        public let place: SourcePlace
        /// The value.
        public let value: YAMLNode

        /// An entry from its parts.
        public init(key: String, place: SourcePlace, value: YAMLNode) {
            self.key = key
            self.place = place
            self.value = value
        }
    }

    /// What stands there.
    public let content: Content
    /// Where it begins.
    public let place: SourcePlace

    /// A node from its parts.
    public init(content: Content, place: SourcePlace) {
        self.content = content
        self.place = place
    }

    /// The value of a key; nil when this is no mapping or has no such key.
    public subscript(key: String) -> YAMLNode? {
        guard case .mapping(let entries) = content else { return nil }
        return entries.first { $0.key == key }?.value
    }

    /// The text of a scalar; nil for lists and mappings.
    public var text: String? {
        if case .text(let text) = content { text } else { nil }
    }

    /// A fault about this node.
    public func fault(_ code: FaultCode, _ parameters: [String: String] = [:]) -> Faults {
        Faults(code, parameters, at: place)
    }
}

extension YAMLNode {
    /// The value of a key that must be there.
    ///
    /// Throws `data-file.missing-key`, or `data-file.not-a-mapping`.
    public func required(_ key: String) throws(Faults) -> YAMLNode {
        _ = try mapping
        guard let value = self[key] else { throw fault("data-file.missing-key", ["key": key]) }
        return value
    }

    /// The entries of a mapping.
    ///
    /// Throws `data-file.not-a-mapping`.
    public var mapping: [Entry] {
        get throws(Faults) {
            guard case .mapping(let entries) = content else { throw fault("data-file.not-a-mapping") }
            return entries
        }
    }

    /// The members of a list.
    ///
    /// Throws `data-file.not-a-list`.
    public var list: [YAMLNode] {
        get throws(Faults) {
            guard case .list(let members) = content else { throw fault("data-file.not-a-list") }
            return members
        }
    }

    /// A text that is not empty.
    ///
    /// Throws `data-file.not-text` or `data-file.empty-value`.
    public var string: String {
        get throws(Faults) {
            guard let text else { throw fault("data-file.not-text") }
            guard !text.isEmpty else { throw fault("data-file.empty-value") }
            return text
        }
    }

    /// A decimal number.
    ///
    /// Throws `data-file.not-an-integer`.
    public var integer: Int {
        get throws(Faults) {
            let text = try string
            guard let number = Int(text) else { throw fault("data-file.not-an-integer", ["value": text]) }
            return number
        }
    }

    /// `true` or `false`.
    ///
    /// Throws `data-file.not-boolean`.
    public var boolean: Bool {
        get throws(Faults) {
            switch try string {
            case "true": return true
            case "false": return false
            case let other: throw fault("data-file.not-boolean", ["value": other])
            }
        }
    }

    /// The mapping's keys that nobody reads, each as a `data-file.unknown-key` fault.
    public func unknownKeys(allowed: Set<String>) -> [Fault] {
        guard case .mapping(let entries) = content else { return [] }
        return entries.filter { !allowed.contains($0.key) }.map {
            Fault(
                "data-file.unknown-key", ["key": $0.key, "allowed": allowed.sorted().joined(separator: ", ")],
                at: $0.place)
        }
    }
}

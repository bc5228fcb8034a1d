import CardData

extension KeyConfiguration {
    /// The keys of the file that are about keys.
    static let keys: Set<String> = ["keys", "keys-passphrase", "key-log", "key-log-passphrase"]

    /// Reads what a configuration says of keys; nil when it names none.
    ///
    /// - Parameter path: makes a path of the file's own folder whole.
    init?(_ root: YAMLNode, _ path: (String) -> String) throws(Faults) {
        var faults = FaultCollector()
        func optional<Value>(_ key: String, _ body: (YAMLNode) throws(Faults) -> Value) -> Value? {
            guard let node = root[key] else { return nil }
            return faults.attempt { () throws(Faults) in try body(node) }
        }
        let folder = optional("keys") { node throws(Faults) in path(try node.string) }
        let log = optional("key-log") { node throws(Faults) in path(try node.string) }
        let passphrase = optional("keys-passphrase") { node throws(Faults) in try Self.place(node, path) }
        let logPassphrase = optional("key-log-passphrase") { node throws(Faults) in try Self.place(node, path) }
        if root["keys"] == nil, let stray = Self.keys.sorted().lazy.compactMap({ root[$0] }).first {
            faults.attempt { () throws(Faults) in throw stray.fault("counter.keys-folder") }
        }
        try faults.check()
        guard let folder else { return nil }
        self.init(folder: folder, passphrase: passphrase, logFolder: log, logPassphrase: logPassphrase)
    }

    /// `file:PATH` or `credential:NAME`; a passphrase itself is refused, without being shown.
    private static func place(_ node: YAMLNode, _ path: (String) -> String) throws(Faults) -> PassphrasePlace {
        let text = try node.string
        if text.hasPrefix("file:"), text.count > 5 { return .file(path(String(text.dropFirst(5)))) }
        let name = String(text.dropFirst("credential:".count))
        guard text.hasPrefix("credential:"), !name.isEmpty, !name.contains("/") else {
            throw node.fault("counter.passphrase-place")
        }
        return .credential(name)
    }
}

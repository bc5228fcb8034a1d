import CardData
import IssuerKeys

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
            return faults.attempt(at: node.place) { () throws(Faults) in try body(node) }
        }
        let place = optional("keys") { node throws(Faults) in try Self.keyPlace(node, path) }
        let log = optional("key-log") { node throws(Faults) in path(try node.string) }
        let passphrase = optional("keys-passphrase") { node throws(Faults) in try Self.place(node, path) }
        let logPassphrase = optional("key-log-passphrase") { node throws(Faults) in try Self.place(node, path) }
        if root["keys"] == nil, let stray = Self.keys.sorted().lazy.compactMap({ root[$0] }).first {
            faults.attempt { () throws(Faults) in throw stray.fault("counter.keys-folder") }
        }
        if case .module = place, let stray = root["keys-passphrase"] {
            faults.attempt { () throws(Faults) in throw stray.fault("counter.module-passphrase") }
        }
        try faults.check()
        guard let place else { return nil }
        self.init(place: place, passphrase: passphrase, logFolder: log, logPassphrase: logPassphrase)
    }

    /// `pkcs11:token=LABEL?module-path=FILE`, `psam:SLOT`, `gateway:FILE`, or the folder of a key store.
    private static func keyPlace(_ node: YAMLNode, _ path: (String) -> String) throws(Faults) -> Place {
        let text = try node.string
        if TokenLocation.isLocation(text) { return .token(try TokenLocation(text)) }
        if text.hasPrefix(Place.modulePrefix) { return .module(slot: String(text.dropFirst(Place.modulePrefix.count))) }
        guard text.hasPrefix(Place.gatewayPrefix) else { return .store(path(text)) }
        let file = text.dropFirst(Place.gatewayPrefix.count)
        guard !file.isEmpty else { throw node.fault("data-file.empty-value") }
        return .gateway(settings: path(String(file)))
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

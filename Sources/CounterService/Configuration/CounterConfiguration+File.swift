import ByteText
public import CardData
import Foundation
import Glibc

extension CounterConfiguration {
    /// Reads a configuration file (YAML); paths in it are taken from the file's own folder.
    ///
    /// - Throws: every fault of the file at once, each with its line.
    public static func load(_ path: String) throws(Faults) -> CounterConfiguration {
        let folder = URL(filePath: path).absoluteURL.deletingLastPathComponent().path
        return try CounterConfiguration(try DataFile.read(path), folder: folder)
    }

    /// As ``load(_:)``, from text; `file` is the name that faults carry.
    public static func parse(_ text: String, file: String, folder: String) throws(Faults) -> CounterConfiguration {
        try CounterConfiguration(try DataFile.parse(text, file: file), folder: folder)
    }

    /// The JSON Schema of the file, for editors and other programs.
    public static var schema: String {
        get throws(Faults) { try PageFiles.text("configuration.schema.json") }
    }

    private static let keys: Set<String> = [
        "office", "counter", "data", "home", "policy", "policy-key", "listen", "tls", "behind-tls",
        "terminator-certificate", "public-names", "idle-minutes", "login-tries", "login-wait-seconds", "own-passwords",
        "metrics-from",
        "slip-paper",
        "office-hours", "verify-at", "training",
    ]

    private init(_ root: YAMLNode, folder: String) throws(Faults) {
        var faults = FaultCollector()
        _ = faults.attempt { () throws(Faults) in try root.mapping }
        root.unknownKeys(allowed: Self.keys.union(KeyConfiguration.keys)).forEach { faults.add($0) }
        let office = faults.attempt { () throws(Faults) in try Self.office(try root.required("office")) }
        let counter = faults.attempt { () throws(Faults) in
            UInt64(try Self.number(try root.required("counter"), in: 1...Int(UInt32.max)))
        }
        let data = faults.attempt { () throws(Faults) in
            Self.path(try root.required("data").string, in: folder)
        }
        func optional<Value>(_ key: String, _ body: (YAMLNode) throws(Faults) -> Value) -> Value? {
            guard let node = root[key] else { return nil }
            return faults.attempt { () throws(Faults) in try body(node) }
        }
        let home = optional("home") { node throws(Faults) in Self.path(try node.string, in: folder) }
        let policy = optional("policy") { node throws(Faults) in Self.path(try node.string, in: folder) }
        let policyKey = optional("policy-key") { node throws(Faults) in Self.path(try node.string, in: folder) }
        let transport = optional("tls") { node throws(Faults) in
            try TransportSecurity(node) { Self.path($0, in: folder) }
        }
        let listen = optional("listen") { node throws(Faults) in
            try Self.listen(node, isOpenToOthers: root["tls"] != nil, isNamed: root["public-names"] != nil)
        }
        let isBehindTLS = optional("behind-tls") { node throws(Faults) in
            let isBehind = try node.boolean
            guard !isBehind || root["tls"] == nil else { throw node.fault("transport.twice") }
            return isBehind
        }
        let terminatorCertificate = optional("terminator-certificate") { node throws(Faults) in
            guard root["behind-tls"]?.text == "true" else { throw node.fault("transport.no-terminator") }
            return Self.path(try node.string, in: folder)
        }
        let isTraining = optional("training") { node throws(Faults) in try node.boolean }
        let names = optional("public-names", Self.names)
        let idle = optional("idle-minutes") { node throws(Faults) in try Self.number(node, in: 1...120) }
        let tries = optional("login-tries") { node throws(Faults) in try Self.number(node, in: 1...20) }
        let wait = optional("login-wait-seconds") { node throws(Faults) in try Self.number(node, in: 1...3600) }
        let ownPasswords = optional("own-passwords") { node throws(Faults) in try node.boolean }
        let metricsReaders = optional("metrics-from", Self.addresses)
        let paper = optional("slip-paper", Self.paper)
        let hours = optional("office-hours") { node throws(Faults) in
            let text = try node.string
            guard let hours = OfficeHours(text) else { throw node.fault("counter.office-hours", ["value": text]) }
            return hours
        }
        let night = optional("verify-at", Self.night)
        let keys = faults.attempt { () throws(Faults) in try KeyConfiguration(root) { Self.path($0, in: folder) } }
        try faults.check()
        self.init(
            office: office ?? "", counter: counter ?? 1, dataFolder: data ?? "", homeFolder: home, policyFile: policy,
            policyKeyFile: policyKey, isTraining: isTraining ?? false,
            host: listen?.host ?? "127.0.0.1", port: listen?.port ?? 8080, isBehindTLS: isBehindTLS ?? false,
            terminatorCertificateFile: terminatorCertificate, transport: transport, publicNames: names ?? [],
            idleMinutes: idle ?? 10, loginTries: tries ?? 5, loginWaitSeconds: wait ?? 60,
            demandsOwnPasswords: ownPasswords ?? true, metricsReaders: metricsReaders ?? [], slipPaper: paper ?? .a4,
            officeHours: hours ?? .usual, verifiesAt: night ?? .usual,
            keys: keys ?? nil)
    }

    private static func path(_ text: String, in folder: String) -> String {
        text.hasPrefix("/") ? text : folder + "/" + text
    }

    private static func office(_ node: YAMLNode) throws(Faults) -> String {
        let text = try node.string
        guard text.count <= 40, text.utf8.count <= 160, text.isPlainLine else {
            throw node.fault("counter.office-name", ["most": "40"])
        }
        return text
    }

    private static func number(_ node: YAMLNode, in range: ClosedRange<Int>) throws(Faults) -> Int {
        let number = try node.integer
        guard range.contains(number) else {
            throw node.fault(
                "counter.number",
                ["value": String(number), "least": String(range.lowerBound), "most": String(range.upperBound)])
        }
        return number
    }

    /// `ADDRESS:PORT` (IPv4); only an address that no other machine reaches where the service speaks no TLS.
    private static func listen(
        _ node: YAMLNode, isOpenToOthers: Bool, isNamed: Bool
    ) throws(Faults) -> (host: String, port: Int) {
        let text = try node.string
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port)
        else { throw node.fault("counter.listen", ["value": text]) }
        let host = String(text[..<colon])
        if host == "127.0.0.1" || host == "localhost" { return ("127.0.0.1", port) }
        var address = in_addr()
        guard inet_pton(AF_INET, host, &address) == 1 else { throw node.fault("counter.listen", ["value": text]) }
        guard isOpenToOthers else { throw node.fault("counter.not-this-machine", ["value": host]) }
        guard isNamed || host != everyAddress else { throw node.fault("transport.names-wanted") }
        return (host, port)
    }

    private static func addresses(_ node: YAMLNode) throws(Faults) -> [String] {
        var addresses: [String] = []
        for member in try node.list {
            let text = try member.string
            var address = in_addr()
            guard inet_pton(AF_INET, text, &address) == 1 else {
                throw member.fault("counter.address", ["value": text])
            }
            addresses.append(text)
        }
        return addresses
    }

    private static func paper(_ node: YAMLNode) throws(Faults) -> SlipPaper {
        guard let paper = SlipPaper(rawValue: try node.string) else {
            let known = SlipPaper.allCases.map(\.rawValue).joined(separator: " ")
            throw node.fault("counter.setting", ["field": "slip-paper", "known": known])
        }
        return paper
    }

    /// A time of day, or `off`.
    private static func night(_ node: YAMLNode) throws(Faults) -> NightTime? {
        let text = try node.string
        guard text != "off" else { return nil }
        guard let time = NightTime(text) else { throw node.fault("counter.verify-at", ["value": text]) }
        return time
    }

    private static func names(_ node: YAMLNode) throws(Faults) -> [String] {
        var names: [String] = []
        for member in try node.list { names.append(try member.string.lowercased()) }
        return names
    }
}

import CardData

/// Where the papers lie by which the service itself speaks TLS, so that other machines can call it.
public struct TransportSecurity: Hashable, Sendable {
    /// The oldest version of TLS that is spoken.
    public enum LeastVersion: String, CaseIterable, Sendable {
        /// TLS 1.2 (RFC 5246).
        case tls12 = "1.2"
        /// TLS 1.3 (RFC 8446).
        case tls13 = "1.3"
    }

    /// The file with the own certificate and those that lead up from it, PEM.
    public let certificateFile: String
    /// The file with its private key, PEM, not sealed, for its owner alone.
    public let privateKeyFile: String
    /// The oldest version that is spoken.
    public let leastVersion: LeastVersion

    /// Settings from their parts.
    public init(certificateFile: String, privateKeyFile: String, leastVersion: LeastVersion = .tls12) {
        self.certificateFile = certificateFile
        self.privateKeyFile = privateKeyFile
        self.leastVersion = leastVersion
    }

    private static let keys: Set<String> = ["certificate", "private-key", "least-version"]

    /// Reads the mapping `tls` of a configuration.
    ///
    /// - Parameter path: makes a path of the file's own folder whole.
    init(_ node: YAMLNode, _ path: (String) -> String) throws(Faults) {
        var faults = FaultCollector()
        _ = faults.attempt { () throws(Faults) in try node.mapping }
        node.unknownKeys(allowed: Self.keys).forEach { faults.add($0) }
        func file(_ key: String) -> String? {
            faults.attempt { () throws(Faults) in path(try node.required(key).string) }
        }
        let certificate = file("certificate")
        let key = file("private-key")
        let version = faults.attempt { () throws(Faults) -> LeastVersion in
            guard let given = node["least-version"] else { return .tls12 }
            guard let version = LeastVersion(rawValue: try given.string) else {
                let known = LeastVersion.allCases.map(\.rawValue).joined(separator: " ")
                throw given.fault("counter.setting", ["field": "least-version", "known": known])
            }
            return version
        }
        try faults.check()
        self.init(certificateFile: certificate ?? "", privateKeyFile: key ?? "", leastVersion: version ?? .tls12)
    }
}

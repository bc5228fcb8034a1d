public import CardCryptography
public import CardData
import Foundation

/// Where a gateway is, and with whose papers it is spoken to; a file of the site's.
///
/// ```yaml
/// host: 10.0.0.7
/// port: 9443
/// name: hsm.example.org        # what its certificate is for; the host when not given
/// authorities: ca.pem          # paths are taken from the file's own folder
/// certificate: counter-1.pem
/// private-key: counter-1.key
/// time-limit: 5000             # milliseconds for a whole conversation
/// session-key-width: 8         # bytes of a 3DES session key, as its module makes them
/// sm4-session-key: complemented  # how a factor of eight bytes fills the block of an SM4 session key: complemented or zero-filled
/// sm4-original: zero-filled      # the same of the original information
/// ```
public struct GatewaySettings: Hashable, Sendable {
    /// A name or an address.
    public let host: String
    /// The port.
    public let port: UInt16
    /// The name or address that its certificate must carry.
    public let name: String
    /// The certificates of those who may issue the gateway's.
    public let authorities: String
    /// The own certificate.
    public let certificate: String
    /// Its private key.
    public let privateKey: String
    /// How long a conversation may last at the most.
    public let timeLimitMilliseconds: Int
    /// Bytes of the session keys that the module makes of a 3DES key.
    public let sessionKeyWidth: Int
    /// How eight bytes fill the blocks of SM4 in the module.
    public let blocks: SM4Blocks

    /// Settings from their parts.
    public init(
        host: String, port: UInt16, name: String, authorities: String, certificate: String, privateKey: String,
        timeLimitMilliseconds: Int = 5000, sessionKeyWidth: Int = 8, blocks: SM4Blocks = .usual
    ) {
        self.host = host
        self.port = port
        self.name = name
        self.authorities = authorities
        self.certificate = certificate
        self.privateKey = privateKey
        self.timeLimitMilliseconds = timeLimitMilliseconds
        self.sessionKeyWidth = sessionKeyWidth
        self.blocks = blocks
    }

    private static let keys: Set<String> = [
        "host", "port", "name", "authorities", "certificate", "private-key", "time-limit", "session-key-width",
        "sm4-session-key", "sm4-original",
    ]

    /// Reads a file; throws every fault of it at once, each with its line.
    public static func read(_ path: String) throws(Faults) -> GatewaySettings {
        let folder = URL(filePath: path).absoluteURL.deletingLastPathComponent().path
        let root = try DataFile.read(path)
        var faults = FaultCollector()
        _ = faults.attempt { () throws(Faults) in try root.mapping }
        root.unknownKeys(allowed: keys).forEach { faults.add($0) }
        func text(_ key: String) -> String? {
            faults.attempt { () throws(Faults) in
                let node = try root.required(key)
                let text = try node.string
                guard (1...253).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                    throw unfit(node, key, "1…253 ASCII")
                }
                return text
            }
        }
        func file(_ key: String) -> String? {
            faults.attempt { () throws(Faults) in
                let text = try root.required(key).string
                return text.hasPrefix("/") ? text : folder + "/" + text
            }
        }
        func number(_ key: String, _ allowed: [ClosedRange<Int>], otherwise: Int?) -> Int? {
            faults.attempt { () throws(Faults) in
                if root[key] == nil, let otherwise { return otherwise }
                let node = try root.required(key)
                let number = try node.integer
                guard allowed.contains(where: { $0.contains(number) }) else {
                    throw unfit(node, key, allowed.map { "\($0.lowerBound)…\($0.upperBound)" }.joined(separator: ", "))
                }
                return number
            }
        }
        func filling(_ key: String, otherwise: SM4Blocks.Filling) -> SM4Blocks.Filling? {
            faults.attempt { () throws(Faults) in
                guard let node = root[key] else { return otherwise }
                guard let filling = SM4Blocks.Filling(rawValue: try node.string) else {
                    throw unfit(node, key, SM4Blocks.Filling.allCases.map(\.rawValue).joined(separator: ", "))
                }
                return filling
            }
        }
        let host = text("host")
        let name = root["name"] == nil ? host : text("name")
        let port = number("port", [1...65535], otherwise: nil)
        let (authorities, certificate, key) = (file("authorities"), file("certificate"), file("private-key"))
        let limit = number("time-limit", [50...60_000], otherwise: 5000)
        let width = number("session-key-width", [8...8, 16...16], otherwise: 8)
        let sessionKey = filling("sm4-session-key", otherwise: SM4Blocks.usual.sessionKey)
        let original = filling("sm4-original", otherwise: SM4Blocks.usual.original)
        try faults.check()
        guard let host, let name, let port, let authorities, let certificate, let key, let limit, let width,
            let sessionKey, let original
        else {
            throw Faults("data-file.empty")
        }
        return GatewaySettings(
            host: host, port: UInt16(port), name: name, authorities: authorities, certificate: certificate,
            privateKey: key, timeLimitMilliseconds: limit, sessionKeyWidth: width,
            blocks: SM4Blocks(sessionKey: sessionKey, original: original))
    }

    private static func unfit(_ node: YAMLNode, _ field: String, _ reason: String) -> Faults {
        node.fault("gateway.settings", ["field": field, "value": node.text ?? "", "reason": reason])
    }
}

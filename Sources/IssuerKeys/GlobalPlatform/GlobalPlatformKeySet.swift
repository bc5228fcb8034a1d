import ByteText
public import CardCryptography

/// The issuer's keys for the security domains of many cards: one master key (KMC) or three with the rule that makes a card's own keys
/// of them, or the three keys that all cards have.
public struct GlobalPlatformKeySet: Sendable {
    private enum Source: Sendable {
        case master(HeldKey, SecureChannelDiversification)
        case masters(
            encryption: HeldKey, mac: HeldKey, dataEncryption: HeldKey, SecureChannelDiversification)
        case keys(encryption: HeldKey, mac: HeldKey, dataEncryption: HeldKey)
    }

    /// What profiles call the set.
    public let name: String
    /// The key version that the card states for it.
    public let version: UInt8
    /// The protocol its keys are for.
    public let protocolVersion: SecureChannelProtocol.Version
    private let source: Source

    /// A master key with its rule.
    ///
    /// - Throws: `wrongLength` for a key that the protocol does not take, `serviceFailed` for a rule of the other protocol.
    public init(
        name: String, version: UInt8, for protocolVersion: SecureChannelProtocol.Version,
        master: consuming SecretBytes, _ rule: SecureChannelDiversification
    ) throws(GlobalPlatformKeyError) {
        self.name = name
        self.version = version
        self.protocolVersion = protocolVersion
        source = .master(HeldKey(master), rule)
        _ = try cardKeys(keyData: [UInt8](repeating: 0, count: 10))
    }

    /// Three masters, one for each key of a card, with their rule.
    ///
    /// - Throws: `wrongLength` for keys that the protocol does not take, `serviceFailed` for a rule of the other protocol.
    init(
        name: String, version: UInt8, for protocolVersion: SecureChannelProtocol.Version, encryptionMaster: HeldKey,
        macMaster: HeldKey, dataEncryptionMaster: HeldKey, _ rule: SecureChannelDiversification
    ) throws(GlobalPlatformKeyError) {
        self.name = name
        self.version = version
        self.protocolVersion = protocolVersion
        source = .masters(
            encryption: encryptionMaster, mac: macMaster, dataEncryption: dataEncryptionMaster, rule)
        _ = try cardKeys(keyData: [UInt8](repeating: 0, count: 10))
    }

    /// Three keys that are the same in every card.
    ///
    /// - Throws: `wrongLength` for keys that the protocol does not take.
    public init(
        name: String, version: UInt8, for protocolVersion: SecureChannelProtocol.Version,
        encryption: consuming SecretBytes, mac: consuming SecretBytes, dataEncryption: consuming SecretBytes
    ) throws(GlobalPlatformKeyError) {
        self.name = name
        self.version = version
        self.protocolVersion = protocolVersion
        source = .keys(
            encryption: HeldKey(encryption), mac: HeldKey(mac), dataEncryption: HeldKey(dataEncryption))
        _ = try cardKeys(keyData: [])
    }

    /// The published test key of blank cards, 40 to 4F, the same in every place; no secret.
    public static func publishedTestKeys(
        name: String, version: UInt8, for protocolVersion: SecureChannelProtocol.Version
    ) throws(GlobalPlatformKeyError) -> GlobalPlatformKeySet {
        try GlobalPlatformKeySet(
            name: name, version: version, for: protocolVersion, master: SecretBytes(copying: Array(0x40...0x4F)),
            .none)
    }

    /// The keys of the card that states this key data.
    func cardKeys(keyData: [UInt8]) throws(GlobalPlatformKeyError) -> SecureChannelStaticKeys {
        try GlobalPlatformKeyError.reporting { () throws(CryptographyError) in
            switch source {
            case .master(let master, let rule):
                try master.withSpan { master throws(CryptographyError) in
                    try SecureChannelStaticKeys(protocolVersion, master: master, rule, keyData: keyData)
                }
            case .masters(let encryption, let mac, let dataEncryption, let rule):
                try encryption.withSpan { encryption throws(CryptographyError) in
                    try mac.withSpan { mac throws(CryptographyError) in
                        try dataEncryption.withSpan { dataEncryption throws(CryptographyError) in
                            try SecureChannelStaticKeys(
                                protocolVersion, encryptionMaster: encryption, macMaster: mac,
                                dataEncryptionMaster: dataEncryption, rule, keyData: keyData)
                        }
                    }
                }
            case .keys(let encryption, let mac, let dataEncryption):
                try SecureChannelStaticKeys(
                    protocolVersion, encryption: encryption.copy(), mac: mac.copy(),
                    dataEncryption: dataEncryption.copy())
            }
        }
    }
}

extension HeldKey {
    /// The same bytes for another owner, wiped by it.
    fileprivate func copy() -> SecretBytes { withSpan { SecretBytes(copying: $0) } }
}

extension GlobalPlatformKeySet: CustomStringConvertible, CustomReflectable {
    /// Name, version and protocol; no keys.
    public var description: String {
        "GlobalPlatformKeySet \(name), version \(version.hexadecimal), \(protocolVersion)"
    }
    /// Name and version; no keys.
    public var customMirror: Mirror { Mirror(self, children: ["name": name, "version": version]) }
}

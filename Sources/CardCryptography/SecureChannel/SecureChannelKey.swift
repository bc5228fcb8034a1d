/// The three static keys of a security domain; the raw value is the key identifier of PUT KEY.
public enum SecureChannelKey: UInt8, Hashable, Sendable, CaseIterable {
    /// 01: authentication and encryption.
    case encryption = 0x01
    /// 02: MACs.
    case mac = 0x02
    /// 03: protects keys and other secrets inside commands (DEK, in CPS the KEK).
    case dataEncryption = 0x03
}

/// How the static keys of one card come from the issuer's master key (KMC).
public enum SecureChannelDiversification: String, Hashable, Sendable, CaseIterable {
    /// Not at all: every card has the same keys, as blanks with the published test key.
    case none
    /// EMV Card Personalization Specification §4.1: K = 3DES(KMC, last 6 bytes of KEYDATA ‖ F0 ‖ n) ‖ 3DES(KMC, … ‖ 0F ‖ n),
    /// n = 01 ENC, 02 MAC, 03 DEK.
    case emv
    /// The AES form that card makers name KDF3: SP 800-108 counter mode, counter ‖ 00 00 00 n ‖ 00 ‖ KEYDATA.
    case counter
}

/// The static keys of one card's security domain.
public struct SecureChannelStaticKeys: ~Copyable, Sendable {
    let encryption: SecretBytes
    let mac: SecretBytes
    let dataEncryption: SecretBytes
    /// The cipher all three belong to.
    public let cipher: BlockCipher

    /// Three keys of one length.
    ///
    /// - Throws: `wrongLength` when they differ in length or the protocol does not take it: SCP02 16 bytes, SCP03 16, 24 or 32.
    public init(
        _ version: SecureChannelProtocol.Version, encryption: consuming SecretBytes, mac: consuming SecretBytes,
        dataEncryption: consuming SecretBytes
    ) throws(CryptographyError) {
        let cipher = try Self.cipher(version, keyLength: encryption.count)
        guard mac.count == encryption.count else { throw .wrongLength("MAC key", mac.count) }
        guard dataEncryption.count == encryption.count else { throw .wrongLength("DEK", dataEncryption.count) }
        self.encryption = encryption
        self.mac = mac
        self.dataEncryption = dataEncryption
        self.cipher = cipher
    }

    /// The keys of one card, from a master key and the 10 bytes of key diversification data (KEYDATA) that the card states.
    ///
    /// - Throws: `wrongLength` for a master or data of another length; `notAvailable` for a rule of the other protocol.
    public init(
        _ version: SecureChannelProtocol.Version, master: Span<UInt8>, _ rule: SecureChannelDiversification,
        keyData: [UInt8]
    ) throws(CryptographyError) {
        let cipher = try Self.cipher(version, keyLength: master.count)
        let encryption = try Self.key(.encryption, cipher, master, rule, keyData)
        let mac = try Self.key(.mac, cipher, master, rule, keyData)
        let dataEncryption = try Self.key(.dataEncryption, cipher, master, rule, keyData)
        try self.init(version, encryption: encryption, mac: mac, dataEncryption: dataEncryption)
    }

    /// The keys of one card, each from a master of its own.
    ///
    /// - Throws: as the form with one master.
    public init(
        _ version: SecureChannelProtocol.Version, encryptionMaster: Span<UInt8>, macMaster: Span<UInt8>,
        dataEncryptionMaster: Span<UInt8>, _ rule: SecureChannelDiversification, keyData: [UInt8]
    ) throws(CryptographyError) {
        let cipher = try Self.cipher(version, keyLength: encryptionMaster.count)
        guard macMaster.count == encryptionMaster.count else { throw .wrongLength("MAC key", macMaster.count) }
        guard dataEncryptionMaster.count == encryptionMaster.count else {
            throw .wrongLength("DEK", dataEncryptionMaster.count)
        }
        let encryption = try Self.key(.encryption, cipher, encryptionMaster, rule, keyData)
        let mac = try Self.key(.mac, cipher, macMaster, rule, keyData)
        let dataEncryption = try Self.key(.dataEncryption, cipher, dataEncryptionMaster, rule, keyData)
        try self.init(version, encryption: encryption, mac: mac, dataEncryption: dataEncryption)
    }

    /// Lends one of the keys for the time of a call.
    public borrowing func withKey<R: ~Copyable, E: Error>(
        _ key: SecureChannelKey, _ body: (borrowing Span<UInt8>) throws(E) -> R
    ) throws(E) -> R {
        switch key {
        case .encryption: try encryption.withSpan(body)
        case .mac: try mac.withSpan(body)
        case .dataEncryption: try dataEncryption.withSpan(body)
        }
    }

    private static func cipher(
        _ version: SecureChannelProtocol.Version, keyLength: Int
    ) throws(CryptographyError) -> BlockCipher {
        switch (version, keyLength) {
        case (.scp02, 16): .tripleDES
        case (.scp03, 16): .aes128
        case (.scp03, 24): .aes192
        case (.scp03, 32): .aes256
        default: throw .wrongLength("key", keyLength)
        }
    }

    private static func key(
        _ key: SecureChannelKey, _ cipher: BlockCipher, _ master: Span<UInt8>, _ rule: SecureChannelDiversification,
        _ keyData: [UInt8]
    ) throws(CryptographyError) -> SecretBytes {
        guard keyData.count == 10 else { throw .wrongLength("key diversification data", keyData.count) }
        let number = key.rawValue
        switch rule {
        case .none: return SecretBytes(copying: master)
        case .emv:
            guard cipher == .tripleDES else { throw .notAvailable("EMV diversification of AES keys") }
            let tail = keyData[4...]
            let blocks = tail + [0xF0, number] + tail + [0x0F, number]
            return try BlockCipherKey(cipher, master).encryptSecret([16 of UInt8] { blocks[blocks.startIndex + $0] })
        case .counter:
            guard cipher.blockLength == 16 else { throw .notAvailable("counter diversification of DES keys") }
            return try KeyDerivation.counterMode(
                cipher, key: master, before: [], after: [0, 0, 0, number, 0] + keyData, count: cipher.keyLength)
        }
    }
}

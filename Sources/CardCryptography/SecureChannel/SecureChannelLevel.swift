/// What protects commands and responses after EXTERNAL AUTHENTICATE; the raw value is its P1.
///
/// Combinations that the protocols do not know have no case.
public enum SecureChannelLevel: UInt8, Hashable, Sendable, CaseIterable {
    /// 00: both sides have proved themselves, nothing is protected.
    case authenticated = 0x00
    /// 01: commands carry a MAC (C-MAC).
    case commandMAC = 0x01
    /// 03: commands carry a MAC and are enciphered (C-DECRYPTION).
    case commandEncryption = 0x03
    /// 11: commands and responses carry a MAC (R-MAC).
    case responseMAC = 0x11
    /// 13: commands are enciphered, both carry a MAC.
    case commandEncryptionAndResponseMAC = 0x13
    /// 33: commands and responses carry a MAC and are enciphered (R-ENCRYPTION).
    case full = 0x33

    /// Whether commands carry a MAC.
    public var authenticatesCommands: Bool { rawValue & 0x01 != 0 }
    /// Whether command data is enciphered.
    public var enciphersCommands: Bool { rawValue & 0x02 != 0 }
    /// Whether responses carry a MAC.
    public var authenticatesResponses: Bool { rawValue & 0x10 != 0 }
    /// Whether response data is enciphered.
    public var enciphersResponses: Bool { rawValue & 0x20 != 0 }
}

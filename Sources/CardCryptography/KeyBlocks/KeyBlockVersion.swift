/// How a key block binds its header to its key (TR-31:2018, ANSI X9.143).
public enum KeyBlockVersion: Character, Hashable, Sendable, CaseIterable {
    /// A: keys by variant (XOR), MAC of four bytes over the cipher text; opened, never made.
    case variantA = "A"
    /// B: keys by 3DES-CMAC, MAC of eight bytes over the plain text.
    case derivedTripleDES = "B"
    /// C: as A.
    case variantC = "C"
    /// D: keys by AES-CMAC, MAC of sixteen bytes over the plain text.
    case derivedAES = "D"
    /// 4: as D with SM4-CMAC and SM4-CBC. X9.143 leaves the digits to makers' own versions, and no version of its own is for SM4;
    /// letters and rules of the header are those of the standard.
    case derivedSM4 = "4"

    /// Whether blocks of this version are made here; the variants are weaker and are only opened.
    public var isMade: Bool { self != .variantA && self != .variantC }

    /// Bytes of the MAC.
    public var macLength: Int {
        switch self {
        case .variantA, .variantC: 4
        case .derivedTripleDES: 8
        case .derivedAES, .derivedSM4: 16
        }
    }

    /// Bytes of a cipher block, which the whole header and the key data fill.
    public var blockLength: Int {
        switch self {
        case .variantA, .derivedTripleDES, .variantC: 8
        case .derivedAES, .derivedSM4: 16
        }
    }

    /// The cipher of a protection key with so many bytes; nil when the version takes none of that length.
    public func cipher(keyLength: Int) -> BlockCipher? {
        switch (self, keyLength) {
        case (.variantA, 16), (.derivedTripleDES, 16), (.variantC, 16): .tripleDES
        case (.variantA, 24), (.derivedTripleDES, 24), (.variantC, 24): .threeKeyTripleDES
        case (.derivedAES, 16): .aes128
        case (.derivedAES, 24): .aes192
        case (.derivedAES, 32): .aes256
        case (.derivedSM4, 16): .sm4
        default: nil
        }
    }

    /// The algorithm indicator of the key derivation; SM4's has the high bit set, which the standard does not use.
    func derivationIndicator(_ cipher: BlockCipher) -> [UInt8] {
        switch cipher {
        case .singleDES, .tripleDES: [0x00, 0x00]
        case .threeKeyTripleDES: [0x00, 0x01]
        case .aes128: [0x00, 0x02]
        case .aes192: [0x00, 0x03]
        case .aes256: [0x00, 0x04]
        case .sm4: [0x80, 0x04]
        }
    }
}

/// The block ciphers of this house; each case fixes the length of its key.
public enum BlockCipher: Hashable, Sendable, CaseIterable {
    /// DES with an 8-byte key, for the session keys and maintenance keys of older cards.
    case singleDES
    /// Two-key triple DES (EDE), 16 bytes: the cipher of algorithm 01 (GB/T 17964, ISO/IEC 18033-3).
    case tripleDES
    /// Three-key triple DES (EDE), 24 bytes.
    case threeKeyTripleDES
    /// SM4 (GB/T 32907), 16 bytes: the cipher of algorithm 03.
    case sm4
    /// AES with 16 bytes.
    case aes128
    /// AES with 24 bytes.
    case aes192
    /// AES with 32 bytes.
    case aes256

    /// Bytes of a block.
    public var blockLength: Int {
        switch self {
        case .singleDES, .tripleDES, .threeKeyTripleDES: 8
        case .sm4, .aes128, .aes192, .aes256: 16
        }
    }

    /// Bytes of a key.
    public var keyLength: Int {
        switch self {
        case .singleDES: 8
        case .tripleDES, .sm4, .aes128: 16
        case .threeKeyTripleDES, .aes192: 24
        case .aes256: 32
        }
    }
}

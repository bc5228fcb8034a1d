/// The two ciphers of social-security cards; what a key of each length means.
public enum CardCipher: Hashable, Sendable, CaseIterable {
    /// DES family: a key of 16 bytes is two-key triple DES, one of 8 bytes single DES.
    case tripleDES
    /// SM4: keys of 16 bytes.
    case sm4

    /// Bytes of a block: 8 or 16.
    public var blockLength: Int { self == .sm4 ? 16 : 8 }

    /// The cipher that a key of this many bytes belongs to.
    func blockCipher(keyLength: Int) throws(CryptographyError) -> BlockCipher {
        switch (self, keyLength) {
        case (.tripleDES, 8): .singleDES
        case (.tripleDES, 16): .tripleDES
        case (.sm4, 16): .sm4
        default: throw .wrongLength("key", keyLength)
        }
    }

    /// A key ready for use.
    public func key(_ bytes: Span<UInt8>) throws(CryptographyError) -> BlockCipherKey {
        try BlockCipherKey(blockCipher(keyLength: bytes.count), bytes)
    }
}

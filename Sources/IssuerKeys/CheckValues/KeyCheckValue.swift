import ByteText
public import CardCryptography

/// A key check value with the method that made it; values of different methods never compare.
public struct KeyCheckValue: Hashable, Sendable {
    /// How the value is made.
    public enum Method: String, Hashable, Sendable {
        /// The left bytes of E(K, zero block).
        case encryptedZeros = "enc-zero"
        /// The left bytes of E(K, 01…01) (GlobalPlatform).
        case encryptedOnes = "enc-01"
        /// The left bytes of CMAC(zero block) (X9.24-1).
        case cmacOfZeros = "cmac-zero"
    }

    /// The method.
    public let method: Method
    /// Three to five bytes.
    public let bytes: [UInt8]

    /// A value from its parts.
    public init(method: Method, bytes: [UInt8]) {
        self.method = method
        self.bytes = bytes
    }

    /// The check value of a key.
    ///
    /// A check value tells its reader 24 to 40 bits of a test on the key, so it has three bytes wherever people read it.
    /// - Parameter count: 3…5 bytes.
    /// - Throws: `wrongLength` for a key or count that does not fit.
    public init(
        _ method: Method = .encryptedZeros, of key: Span<UInt8>, cipher: BlockCipher, count: Int = 3
    ) throws(CryptographyError) {
        guard (3...5).contains(count) else { throw .wrongLength("check value", count) }
        let zeros = [UInt8](repeating: 0, count: cipher.blockLength)
        let block: [UInt8] =
            switch method {
            case .encryptedZeros: try BlockCipherKey(cipher, key).encrypt(zeros)
            case .encryptedOnes: try BlockCipherKey(cipher, key).encrypt(zeros.map { $0 + 1 })
            case .cmacOfZeros: try BlockCipherMAC.cmac(cipher, key: key, zeros)
            }
        self.init(method: method, bytes: Array(block.prefix(count)))
    }
}

extension KeyCheckValue: CustomStringConvertible {
    /// `enc-zero:08D7B4`.
    public var description: String { "\(method.rawValue):\(bytes.hexadecimal)" }

    /// Reads a value as `description` writes it; nil when it is none.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let method = Method(rawValue: String(parts[0])),
            let bytes = [UInt8](hexadecimal: parts[1]), (3...5).contains(bytes.count)
        else { return nil }
        self.init(method: method, bytes: bytes)
    }
}

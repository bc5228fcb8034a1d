import COpenSSL

/// A block-cipher key, expanded once and kept for many blocks; wiped when its owner lets go of it.
///
/// It has one owner and is used by one thread at a time; keep it in a `Mutex` to share it. No padding is ever added or taken away:
/// the number of bytes must be a multiple of the block.
public struct BlockCipherKey: ~Copyable {
    /// The cipher.
    public let cipher: BlockCipher
    private let key: UnsafeMutablePointer<card_block_key>

    /// Expands a key of exactly the cipher's length.
    public init(_ cipher: BlockCipher, _ bytes: Span<UInt8>) throws(CryptographyError) {
        guard bytes.count == cipher.keyLength else { throw .wrongLength("key", bytes.count) }
        let fetched = try Self.fetched(cipher)
        let key = bytes.withUnsafeBufferPointer { card_block_key_new(fetched, $0.baseAddress, $0.count) }
        guard let key else { throw openSSLFailure("key set-up") }
        self.cipher = cipher
        self.key = key
    }

    /// Expands a key of exactly the cipher's length.
    public init(_ cipher: BlockCipher, _ bytes: [UInt8]) throws(CryptographyError) {
        try self.init(cipher, bytes.span)
    }

    private static func fetched(_ cipher: BlockCipher) throws(CryptographyError) -> OpaquePointer? {
        switch cipher {
        case .singleDES, .tripleDES, .threeKeyTripleDES: nil
        case .sm4: try FetchedAlgorithm.sm4.required
        case .aes128: try FetchedAlgorithm.aes128.required
        case .aes192: try FetchedAlgorithm.aes192.required
        case .aes256: try FetchedAlgorithm.aes256.required
        }
    }

    /// Puts another key of the same length in the place of this one, which is several times cheaper than a new key.
    public mutating func replace(with bytes: Span<UInt8>) throws(CryptographyError) {
        guard bytes.count == cipher.keyLength else { throw .wrongLength("key", bytes.count) }
        let done = bytes.withUnsafeBufferPointer { card_block_key_set(key, $0.baseAddress) }
        guard done == 1 else { throw openSSLFailure("key set-up") }
    }

    /// Whether a DES key has a weak or semi-weak part, or a triple-DES key equal parts; false for other ciphers.
    ///
    /// Transport keys such as sixteen bytes FF are weak and still in use, so nothing refuses a weak key by itself.
    public static func isWeak(_ cipher: BlockCipher, _ bytes: Span<UInt8>) -> Bool {
        guard cipher.blockLength == 8, bytes.count == cipher.keyLength else { return false }
        return bytes.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return false }
            let parts = buffer.count / 8
            if (0..<parts).contains(where: { card_des_is_weak(start + 8 * $0) == 1 }) { return true }
            return parts > 1
                && (1..<parts).contains { part in
                    // parity bits do not take part
                    (0..<8).allSatisfy { (start[8 * (part - 1) + $0] ^ start[8 * part + $0]) & 0xFE == 0 }
                }
        }
    }

    deinit { card_block_key_free(key) }
}

// MARK: - Whole blocks, each by itself (ECB)

extension BlockCipherKey {
    /// Enciphers whole blocks into `output`, which has as many bytes.
    public func encrypt(_ input: Span<UInt8>, into output: inout MutableSpan<UInt8>) throws(CryptographyError) {
        try crypt(encrypting: true, input, into: &output)
    }

    /// Deciphers whole blocks into `output`, which has as many bytes.
    public func decrypt(_ input: Span<UInt8>, into output: inout MutableSpan<UInt8>) throws(CryptographyError) {
        try crypt(encrypting: false, input, into: &output)
    }

    /// Enciphers whole blocks.
    public func encrypt(_ input: [UInt8]) throws(CryptographyError) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: input.count)
        var span = output.mutableSpan
        try encrypt(input.span, into: &span)
        return output
    }

    /// Deciphers whole blocks.
    public func decrypt(_ input: [UInt8]) throws(CryptographyError) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: input.count)
        var span = output.mutableSpan
        try decrypt(input.span, into: &span)
        return output
    }

    /// Enciphers 16 bytes, one block or two, without touching the heap.
    public func encrypt(_ input: [16 of UInt8]) throws(CryptographyError) -> [16 of UInt8] {
        var output = [16 of UInt8](repeating: 0)
        var span = output.mutableSpan
        try encrypt(input.span, into: &span)
        return output
    }

    /// Enciphers one 8-byte block without touching the heap; not for ciphers of 16-byte blocks.
    public func encrypt(_ input: [8 of UInt8]) throws(CryptographyError) -> [8 of UInt8] {
        var output = [8 of UInt8](repeating: 0)
        var span = output.mutableSpan
        try encrypt(input.span, into: &span)
        return output
    }

    /// Enciphers 16 bytes, one block or two, into a secret: the step from a master key to the key of a card.
    public func encryptSecret(_ input: [16 of UInt8]) throws(CryptographyError) -> SecretBytes {
        try SecretBytes.filling(count: 16) { (span: inout MutableSpan<UInt8>) throws(CryptographyError) in
            try encrypt(input.span, into: &span)
        }
    }

    private func crypt(
        encrypting: Bool, _ input: Span<UInt8>, into output: inout MutableSpan<UInt8>
    ) throws(CryptographyError) {
        let count = input.count
        guard count % cipher.blockLength == 0, output.count == count else { throw .wrongLength("blocks", count) }
        guard count > 0 else { return }
        let done = output.withUnsafeMutableBufferPointer { to in
            input.withUnsafeBufferPointer { from in
                card_block_key_crypt(key, encrypting ? 1 : 0, from.baseAddress, to.baseAddress, count)
            }
        }
        guard done == 1 else { throw openSSLFailure(encrypting ? "encrypt" : "decrypt") }
    }
}

// MARK: - Chained for a MAC

extension BlockCipherKey {
    /// Mixes whole blocks into the chain of a CBC-MAC, which is enciphered after each; its first bytes, as many as a block has.
    ///
    /// - Parameter withFirstPart: whether a DES key works as single DES with its first part.
    func mix(
        _ blocks: Span<UInt8>, into chain: inout [16 of UInt8], withFirstPart: Bool
    ) throws(CryptographyError) {
        var span = chain.mutableSpan
        let done = span.withUnsafeMutableBufferPointer { chain in
            blocks.withUnsafeBufferPointer { blocks in
                card_block_key_chain(key, withFirstPart ? 1 : 0, chain.baseAddress, blocks.baseAddress, blocks.count)
            }
        }
        guard done == 1 else { throw openSSLFailure("MAC") }
    }

    /// Ends the chain of a retail MAC: deciphered with the second part of a DES key of two, enciphered with the first.
    func endRetail(_ chain: inout [16 of UInt8]) throws(CryptographyError) {
        var span = chain.mutableSpan
        let done = span.withUnsafeMutableBufferPointer { card_block_key_end_retail(key, $0.baseAddress) }
        guard done == 1 else { throw .wrongLength("key", cipher.keyLength) }
    }
}

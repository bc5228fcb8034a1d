import COpenSSL

/// The cipher of a block by another road than ``BlockCipherKey``: other modes of OpenSSL, nothing kept, nothing shared.
///
/// Slow, and for nothing but comparing: a fault in one road shows as a difference.
public enum SecondEngine {
    /// E(K, block) of 8 bytes for two-key triple DES, or of 16 for SM4, as the block's length says.
    ///
    /// - Throws: `wrongLength` for a key without 16 bytes or a block of another length.
    public static func encrypt(
        _ cipher: CardCipher, key: Span<UInt8>, block: [UInt8]
    ) throws(CryptographyError) -> SecretBytes {
        guard key.count == 16 else { throw .wrongLength("key", key.count) }
        guard block.count == (cipher == .sm4 ? 16 : 8) else { throw .wrongLength("block", block.count) }
        return try SecretBytes.filling(count: block.count) {
            (span: inout MutableSpan<UInt8>) throws(CryptographyError) in
            let done = span.withUnsafeMutableBufferPointer { output in
                key.withUnsafeBufferPointer { key in
                    guard let key = key.baseAddress, let output = output.baseAddress else { return Int32(0) }
                    return card_one_block(cipher == .sm4 ? 1 : 0, key, block, output)
                }
            }
            guard done == 1 else { throw openSSLFailure("second engine") }
        }
    }
}

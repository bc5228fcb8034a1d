extension KeyDerivation {
    /// A key from another key in the counter mode of NIST SP 800-108, with CMAC as its function and a counter of one byte.
    ///
    /// K(i) = CMAC(key, before ‖ i ‖ after), i from 1; as many blocks as `count` needs, left bytes first. OpenSSL's own form
    /// knows only counters of four bytes in front.
    /// - Parameters:
    ///   - before: What stands before the counter; may be empty.
    ///   - after: What stands behind it.
    ///   - count: At most 255 blocks.
    public static func counterMode(
        _ cipher: BlockCipher, key: Span<UInt8>, before: [UInt8], after: [UInt8], count: Int
    ) throws(CryptographyError) -> SecretBytes {
        let length = cipher.blockLength
        guard (1...255 * length).contains(count) else { throw .wrongLength("derived key", count) }
        return try SecretBytes.filling(count: count) { (output: inout MutableSpan<UInt8>) throws(CryptographyError) in
            for number in 0...(count - 1) / length {
                let message = before + [UInt8(number + 1)] + after
                let block = try SecretBytes.filling(count: length) {
                    (block: inout MutableSpan<UInt8>) throws(CryptographyError) in
                    try BlockCipherMAC.cmac(cipher, key: key, message, into: &block)
                }
                let start = number * length
                block.withSpan { block in
                    for index in 0..<min(length, count - start) { output[start + index] = block[index] }
                }
            }
        }
    }
}

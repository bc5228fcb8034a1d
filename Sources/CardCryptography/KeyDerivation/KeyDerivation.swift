import COpenSSL

/// Keys from passphrases and from other keys.
public enum KeyDerivation {
    /// What scrypt may cost (RFC 7914); memory is about 128 · cost · blockSize bytes.
    public struct ScryptCost: Hashable, Sendable {
        /// N, a power of two above 1.
        public let cost: UInt64
        /// r.
        public let blockSize: UInt64
        /// p.
        public let parallelization: UInt64

        /// A cost from its parts; whether they fit each other is found at use.
        public init(cost: UInt64, blockSize: UInt64 = 8, parallelization: UInt64 = 1) {
            self.cost = cost
            self.blockSize = blockSize
            self.parallelization = parallelization
        }
    }

    /// A key from a passphrase (scrypt, RFC 7914).
    ///
    /// - Throws: `operationFailed` for a cost that is none or needs more than 256 MiB.
    public static func scrypt(
        passphrase: Span<UInt8>, salt: [UInt8], cost: ScryptCost, count: Int
    ) throws(CryptographyError) -> SecretBytes {
        try SecretBytes.filling(count: count) { (span: inout MutableSpan<UInt8>) throws(CryptographyError) in
            let done = span.withUnsafeMutableBufferPointer { output in
                // an empty passphrase has no address, and OpenSSL takes a missing one for "check the cost only"
                let none: [CChar] = [0]
                return passphrase.withUnsafeBytes { passphrase in
                    none.withUnsafeBufferPointer { none in
                        EVP_PBE_scrypt(
                            passphrase.baseAddress?.assumingMemoryBound(to: CChar.self) ?? none.baseAddress,
                            passphrase.count, salt, salt.count, cost.cost, cost.blockSize, cost.parallelization,
                            256 << 20, output.baseAddress, output.count)
                    }
                }
            }
            guard done == 1 else { throw openSSLFailure("scrypt") }
        }
    }

    /// A key from another key (HKDF, RFC 5869: extract, then expand).
    ///
    /// - Parameters:
    ///   - salt: May be empty.
    ///   - info: Says what the key is for; other info, other key.
    ///   - count: At most 8160 bytes.
    public static func hkdf(
        _ function: HashFunction = .sha256, secret: Span<UInt8>, salt: [UInt8], info: [UInt8], count: Int
    ) throws(CryptographyError) -> SecretBytes {
        try SecretBytes.filling(count: count) { (span: inout MutableSpan<UInt8>) throws(CryptographyError) in
            let done = span.withUnsafeMutableBufferPointer { output in
                secret.withUnsafeBufferPointer { secret in
                    card_hkdf(
                        function.name, secret.baseAddress, secret.count, salt, salt.count, info, info.count,
                        output.baseAddress, output.count)
                }
            }
            guard done == 1 else { throw openSSLFailure("HKDF") }
        }
    }
}

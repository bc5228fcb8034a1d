import COpenSSL

extension KeyDerivation {
    /// A key from a passphrase by many rounds of HMAC (PBKDF2, RFC 8018): for formats that ask for it; our own use scrypt.
    ///
    /// - Parameters:
    ///   - salt: May be empty.
    ///   - iterations: At least one.
    /// - Throws: `wrongLength` for a number of rounds that is none.
    public static func pbkdf2(
        _ function: HashFunction = .sha256, passphrase: Span<UInt8>, salt: Span<UInt8>, iterations: Int, count: Int
    ) throws(CryptographyError) -> SecretBytes {
        guard let rounds = Int32(exactly: iterations), rounds > 0 else { throw .wrongLength("iterations", iterations) }
        let fetched = try function.fetched
        return try SecretBytes.filling(count: count) { (span: inout MutableSpan<UInt8>) throws(CryptographyError) in
            let done = span.withUnsafeMutableBufferPointer { output in
                passphrase.withUnsafeBytes { passphrase in
                    salt.withUnsafeBufferPointer { salt in
                        PKCS5_PBKDF2_HMAC(
                            passphrase.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(passphrase.count),
                            salt.baseAddress, Int32(salt.count), rounds, fetched, Int32(output.count),
                            output.baseAddress)
                    }
                }
            }
            guard done == 1 else { throw openSSLFailure("PBKDF2") }
        }
    }
}

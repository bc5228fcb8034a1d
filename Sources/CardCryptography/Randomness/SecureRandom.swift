import COpenSSL

/// Random bytes for keys, challenges and PINs, from OpenSSL's generator for private values.
public enum SecureRandom {
    /// Random bytes that are no secret, such as challenges and nonces.
    public static func bytes(_ count: Int) throws(CryptographyError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: max(count, 0))
        var span = bytes.mutableSpan
        try fill(&span)
        return bytes
    }

    /// Random bytes that are a secret.
    public static func secret(_ count: Int) throws(CryptographyError) -> SecretBytes {
        try SecretBytes.filling(count: count) { (span: inout MutableSpan<UInt8>) throws(CryptographyError) in
            try fill(&span)
        }
    }

    private static func fill(_ span: inout MutableSpan<UInt8>) throws(CryptographyError) {
        let done = span.withUnsafeMutableBufferPointer { buffer in
            buffer.isEmpty || RAND_priv_bytes(buffer.baseAddress, Int32(buffer.count)) == 1
        }
        guard done else {
            _ = openSSLFailure("RAND_priv_bytes")
            throw .randomnessUnavailable
        }
    }
}

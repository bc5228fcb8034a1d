import COpenSSL

/// The hash functions of this house; both give 32 bytes.
public enum HashFunction: Hashable, Sendable, CaseIterable {
    /// SM3 (GB/T 32905).
    case sm3
    /// SHA-256 (FIPS 180-4).
    case sha256

    /// The hash of one message, 32 bytes.
    public func hash(_ message: Span<UInt8>) throws(CryptographyError) -> [UInt8] {
        let function = try fetched
        var output = [UInt8](repeating: 0, count: 32)
        let done = message.withUnsafeBufferPointer { EVP_Digest($0.baseAddress, $0.count, &output, nil, function, nil) }
        guard done == 1 else { throw openSSLFailure("hash") }
        return output
    }

    /// The hash of one message, 32 bytes.
    public func hash(_ message: [UInt8]) throws(CryptographyError) -> [UInt8] { try hash(message.span) }

    /// The HMAC (RFC 2104) of one message, 32 bytes; users of a shorter one take its left bytes.
    public func hmac(key: Span<UInt8>, _ message: [UInt8]) throws(CryptographyError) -> [UInt8] {
        try hmac(key: key, message.span)
    }

    /// The HMAC (RFC 2104) of one message, 32 bytes; users of a shorter one take its left bytes.
    public func hmac(key: Span<UInt8>, _ message: Span<UInt8>) throws(CryptographyError) -> [UInt8] {
        let mac = try FetchedAlgorithm.hmac.required
        var output = [UInt8](repeating: 0, count: 32)
        let done = key.withUnsafeBufferPointer { key in
            message.withUnsafeBufferPointer { message in
                card_hmac(
                    mac, name, key.baseAddress, key.count, message.baseAddress, message.count, &output, output.count)
            }
        }
        guard done == 1 else { throw openSSLFailure("HMAC") }
        return output
    }

    /// The name OpenSSL knows it by.
    var name: String { self == .sm3 ? "SM3" : "SHA256" }

    /// The function itself, fetched once.
    var fetched: OpaquePointer {
        get throws(CryptographyError) {
            try (self == .sm3 ? FetchedAlgorithm.sm3 : FetchedAlgorithm.sha256).required
        }
    }
}

import COpenSSL

/// The certificates that a TLS server shows, in the order of its file: its own, then the one that signed it, and so on up (RFC 8446, §4.4.2).
public final class CertificateChain: @unchecked Sendable {  // nobody changes the certificates once they are read
    private let list: OpaquePointer

    /// Reads PEM text of at most 1 MiB; nil when no certificate is in it, or one that cannot be read.
    public init?(pem: [UInt8]) {
        guard let list = card_certificates_read(pem, pem.count) else { return nil }
        self.list = list
    }

    deinit { card_certificates_free(list) }

    /// How many certificates there are, one at least.
    public var count: Int { Int(card_certificates_count(list)) }

    /// From when all of them hold, in seconds since 1970; nil when a date cannot be read.
    public var begin: Int64? { moments(isEnd: false).map { $0.max() ?? .max } }

    /// Until when all of them hold, in seconds since 1970; nil when a date cannot be read.
    public var end: Int64? { moments(isEnd: true).map { $0.min() ?? .min } }

    /// Whether the server's own certificate is for this host name or address (RFC 6125: alternative names, whole labels as wildcards).
    public func isFor(_ name: String) -> Bool { card_certificate_is_for(list, name) == 1 }

    /// The place, from 1, of the first certificate that the one behind it did not sign; nil when all are in order.
    public var firstOutOfOrder: Int? {
        (0..<count - 1).first { card_certificate_is_signed_by_next(list, Int32($0)) != 1 }.map { $0 + 1 }
    }

    /// Whether the server's own certificate is for this private key, PEM and not sealed.
    ///
    /// - Throws: `malformedKey` for what is no such key.
    public func isFor(privateKey pem: borrowing SecretBytes) throws(CryptographyError) -> Bool {
        let key = pem.withUnsafeBytes { bytes in
            bytes.bindMemory(to: UInt8.self).baseAddress.flatMap { card_private_key_read($0, bytes.count, 1) }
        }
        guard let key else {
            ERR_clear_error()
            throw .malformedKey
        }
        defer { EVP_PKEY_free(key) }
        return card_certificate_has_key(list, key) == 1
    }

    private func moments(isEnd: Bool) -> [Int64]? {
        var moments: [Int64] = []
        for index in 0..<card_certificates_count(list) {
            var seconds: Int64 = 0
            guard card_certificate_time(list, index, isEnd ? 1 : 0, &seconds) == 1 else { return nil }
            moments.append(seconds)
        }
        return moments
    }
}

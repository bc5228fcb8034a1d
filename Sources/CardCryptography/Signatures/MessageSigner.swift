import COpenSSL

/// Signs many messages as ``SigningKey`` does, with a key that is made ready once.
///
/// For one thread at a time.
public final class MessageSigner {
    private let signer: DigestSigner

    init(_ signer: DigestSigner) { self.signer = signer }

    /// Signs: r ‖ s, 32 bytes each, most significant first, padded on the left.
    public func sign(_ message: [UInt8]) throws(CryptographyError) -> [UInt8] {
        try signer.sign(HashFunction.sha256.hash(message))
    }
}

/// A key that was made ready to sign digests; it keeps the key.
final class DigestSigner {
    private let context: OpaquePointer

    init(owning context: OpaquePointer) { self.context = context }

    deinit { EVP_PKEY_CTX_free(context) }

    /// r ‖ s, 64 bytes.
    func sign(_ digest: [UInt8]) throws(CryptographyError) -> [UInt8] {
        var signature = [UInt8](repeating: 0, count: 64)
        guard card_signer_sign(context, digest, digest.count, &signature) == 1 else { throw openSSLFailure("sign") }
        return signature
    }
}

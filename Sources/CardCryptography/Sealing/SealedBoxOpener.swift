import COpenSSL

/// Opens many boxes of ``SealedBox`` under one key, which is made ready once.
///
/// For one thread at a time; the key is wiped with the opener.
public final class SealedBoxOpener {
    private let context: OpaquePointer

    /// Takes a key of 32 bytes.
    public init(key: Span<UInt8>) throws(CryptographyError) {
        guard key.count == 32 else { throw .wrongLength("key", key.count) }
        let cipher = try FetchedAlgorithm.aes256GCM.required
        guard let context = key.withUnsafeBufferPointer({ card_gcm_opener(cipher, $0.baseAddress) }) else {
            throw openSSLFailure("open")
        }
        self.context = context
    }

    deinit { EVP_CIPHER_CTX_free(context) }

    /// Opens a box, and wipes what was in it after it was read.
    ///
    /// - Parameters:
    ///   - header: The open bytes that the box is bound to.
    ///   - read: Sees the content while it lies open.
    /// - Throws: `notAuthentic` when the box was altered, or key or header are not those it was sealed with.
    public func open<Content>(
        _ box: Span<UInt8>, header: [UInt8] = [], read: (Span<UInt8>) -> Content
    ) throws(CryptographyError) -> Content {
        guard box.count >= SealedBox.overhead else { throw .notAuthentic }
        let content = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: box.count) { output -> Content? in
            defer { OPENSSL_cleanse(output.baseAddress, output.count) }
            let done = box.withUnsafeBufferPointer {
                card_gcm_open(context, header, header.count, $0.baseAddress, $0.count, output.baseAddress)
            }
            guard done == 1 else { return nil }
            return read(UnsafeBufferPointer(output).extracting(..<(box.count - SealedBox.overhead)).span)
        }
        guard let content else {
            _ = openSSLFailure("open")
            throw .notAuthentic
        }
        return content
    }
}

import COpenSSL

/// Bytes sealed with AES-256-GCM (NIST SP 800-38D): nobody without the key reads them or changes them unnoticed.
///
/// The form is nonce (12 bytes) ‖ cipher text ‖ tag (16 bytes). The nonce is drawn at random for each box, so one key should seal
/// fewer than 2³² boxes.
public enum SealedBox {
    /// Bytes that sealing adds.
    public static let overhead = 28

    /// Seals bytes under a key of 32 bytes.
    ///
    /// - Parameter header: Open bytes that the box is bound to; opening needs the same.
    public static func seal(
        _ plain: Span<UInt8>, key: Span<UInt8>, header: [UInt8] = []
    ) throws(CryptographyError) -> [UInt8] {
        try seal(plain, key: key, header: header, nonce: SecureRandom.bytes(12))
    }

    /// Seals with a nonce of the caller's, which must never meet the same key with another text: for files that are made
    /// reproducibly and hold no secret.
    package static func seal(
        _ plain: Span<UInt8>, key: Span<UInt8>, header: [UInt8], nonce: [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        guard key.count == 32 else { throw .wrongLength("key", key.count) }
        guard nonce.count == 12 else { throw .wrongLength("nonce", nonce.count) }
        let cipher = try FetchedAlgorithm.aes256GCM.required
        var output = [UInt8](repeating: 0, count: plain.count)
        var tag = [UInt8](repeating: 0, count: 16)
        let done = plain.withUnsafeBufferPointer { plain in
            key.withUnsafeBufferPointer { key in
                card_gcm(
                    1, cipher, key.baseAddress, nonce, header, header.count, plain.baseAddress, plain.count, &output,
                    &tag)
            }
        }
        guard done == 1 else { throw openSSLFailure("seal") }
        return nonce + output + tag
    }

    /// Opens a box.
    ///
    /// - Throws: `notAuthentic` when the box was altered, or key or header are not those it was sealed with.
    public static func open(
        _ box: [UInt8], key: Span<UInt8>, header: [UInt8] = []
    ) throws(CryptographyError) -> SecretBytes {
        guard key.count == 32 else { throw .wrongLength("key", key.count) }
        guard box.count >= overhead else { throw .notAuthentic }
        let cipher = try FetchedAlgorithm.aes256GCM.required
        let count = box.count - overhead
        var tag = Array(box.suffix(16))
        return try SecretBytes.filling(count: count) { (span: inout MutableSpan<UInt8>) throws(CryptographyError) in
            let done = span.withUnsafeMutableBufferPointer { output in
                box.withUnsafeBufferPointer { box in
                    key.withUnsafeBufferPointer { key in
                        card_gcm(
                            0, cipher, key.baseAddress, box.baseAddress, header, header.count,
                            box.baseAddress.map { $0 + 12 }, count, output.baseAddress, &tag)
                    }
                }
            }
            guard done == 1 else {
                _ = openSSLFailure("open")
                throw .notAuthentic
            }
        }
    }
}

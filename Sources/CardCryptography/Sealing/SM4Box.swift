import COpenSSL

/// Bytes enciphered with SM4 in counter mode and then authenticated with HMAC-SM3 (encrypt-then-MAC): the seal of national
/// algorithms, for OpenSSL 3.0 has no SM4-GCM.
///
/// The form is counter (16 bytes) ‖ cipher text ‖ MAC (32 bytes). Cipher and MAC have keys of their own, both made from the
/// sealing key by HKDF-SM3. The MAC covers the header's length (8 bytes), the header, the counter and the cipher text.
public enum SM4Box {
    /// Bytes that sealing adds.
    public static let overhead = 48

    /// Seals bytes under a key of 32 bytes.
    ///
    /// - Parameter header: Open bytes that the box is bound to; opening needs the same.
    public static func seal(
        _ plain: Span<UInt8>, key: Span<UInt8>, header: [UInt8] = []
    ) throws(CryptographyError) -> [UInt8] {
        guard key.count == 32 else { throw .wrongLength("key", key.count) }
        // drawn anew for each box: with 128 random bits no two boxes under one key share a stretch of the key stream
        let counter = try SecureRandom.bytes(16)
        var cipherText = [UInt8](repeating: 0, count: plain.count)
        var output = cipherText.mutableSpan
        try crypt(plain, key: key, counter: counter, into: &output)
        let mac = try authentication(key: key, header: header, counter + cipherText)
        return counter + cipherText + mac
    }

    /// Opens a box.
    ///
    /// - Throws: `notAuthentic` when the box was altered, or key or header are not those it was sealed with.
    public static func open(
        _ box: [UInt8], key: Span<UInt8>, header: [UInt8] = []
    ) throws(CryptographyError) -> SecretBytes {
        guard key.count == 32 else { throw .wrongLength("key", key.count) }
        guard box.count >= overhead else { throw .notAuthentic }
        let covered = Array(box.dropLast(32))
        let mac = try authentication(key: key, header: header, covered)
        guard constantTimeEqual(mac, Array(box.suffix(32))) else { throw .notAuthentic }
        let cipherText = Array(covered.dropFirst(16))
        return try SecretBytes.filling(count: cipherText.count) {
            (span: inout MutableSpan<UInt8>) throws(CryptographyError) in
            try crypt(cipherText.span, key: key, counter: Array(covered.prefix(16)), into: &span)
        }
    }

    private static func crypt(
        _ input: Span<UInt8>, key: Span<UInt8>, counter: [UInt8], into output: inout MutableSpan<UInt8>
    ) throws(CryptographyError) {
        let cipher = try FetchedAlgorithm.sm4Counter.required
        let cipherKey = try KeyDerivation.hkdf(
            .sm3, secret: key, salt: [], info: Array("sscard box sm4-ctr".utf8), count: 16)
        let done = input.withUnsafeBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                cipherKey.withUnsafeBytes { cipherKey in
                    card_counter_mode(
                        cipher, cipherKey.bindMemory(to: UInt8.self).baseAddress, counter, input.baseAddress,
                        input.count, output.baseAddress)
                }
            }
        }
        guard done == 1 else { throw openSSLFailure("SM4-CTR") }
    }

    private static func authentication(
        key: Span<UInt8>, header: [UInt8], _ covered: [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        let macKey = try KeyDerivation.hkdf(
            .sm3, secret: key, salt: [], info: Array("sscard box hmac-sm3".utf8), count: 32)
        let length = (0..<8).reversed().map { UInt8(truncatingIfNeeded: UInt64(header.count) >> (8 * UInt64($0))) }
        return try macKey.withSpan { span throws(CryptographyError) in
            try HashFunction.sm3.hmac(key: span, length + header + covered)
        }
    }
}

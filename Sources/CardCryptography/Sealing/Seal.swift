/// The two ways to seal bytes in files; the file's open part names the one it uses.
public enum Seal: String, Hashable, Sendable, CaseIterable {
    /// ``SealedBox``.
    case aes256GCM = "aes-256-gcm"
    /// ``SM4Box``.
    case sm4CounterHMACSM3 = "sm4-ctr-hmac-sm3"

    /// Seals bytes under a key of 32 bytes, bound to the open bytes of the header.
    public func seal(
        _ plain: Span<UInt8>, key: Span<UInt8>, header: [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        switch self {
        case .aes256GCM: try SealedBox.seal(plain, key: key, header: header)
        case .sm4CounterHMACSM3: try SM4Box.seal(plain, key: key, header: header)
        }
    }

    /// Opens what ``seal(_:key:header:)`` made.
    ///
    /// - Throws: `notAuthentic` when the box was altered, or key or header are not those it was sealed with.
    public func open(
        _ box: [UInt8], key: Span<UInt8>, header: [UInt8]
    ) throws(CryptographyError) -> SecretBytes {
        switch self {
        case .aes256GCM: try SealedBox.open(box, key: key, header: header)
        case .sm4CounterHMACSM3: try SM4Box.open(box, key: key, header: header)
        }
    }
}

/// A P-256 public key that checks ECDSA signatures over SHA-256.
public struct VerificationKey: Sendable {
    private let key: EllipticKey

    init(_ key: EllipticKey) { self.key = key }

    /// Reads a key from its point, 04 ‖ x ‖ y, 65 bytes.
    ///
    /// - Throws: `malformedKey` when it is no point of the curve.
    public init(point: [UInt8]) throws(CryptographyError) { key = try EllipticKey(.p256, point: point) }

    /// Reads a key in SubjectPublicKeyInfo form, DER.
    ///
    /// - Throws: `malformedKey` when it is none, or on another curve.
    public init(der: [UInt8]) throws(CryptographyError) { key = try EllipticKey(.p256, publicKey: der, .der) }

    /// Reads a key from PEM text.
    ///
    /// - Throws: `malformedKey` when it is none, or on another curve.
    public init(pem: [UInt8]) throws(CryptographyError) { key = try EllipticKey(.p256, publicKey: pem, .pem) }

    /// 04 ‖ x ‖ y, 65 bytes.
    public var point: [UInt8] { key.point }

    /// The key in SubjectPublicKeyInfo form, DER.
    public func der() throws(CryptographyError) -> [UInt8] { try key.publicKey(.der) }

    /// The key in SubjectPublicKeyInfo form, PEM text.
    public func pem() throws(CryptographyError) -> [UInt8] { try key.publicKey(.pem) }

    /// Whether the signature (r ‖ s, 64 bytes) over the message is this key's.
    ///
    /// - Throws: `malformedSignature` when it has not 64 bytes.
    public func verify(_ signature: [UInt8], of message: [UInt8]) throws(CryptographyError) -> Bool {
        try key.verify(signature, message, .sha256, identifier: nil)
    }
}

extension VerificationKey: Hashable {
    /// Whether both are the same point.
    public static func == (left: VerificationKey, right: VerificationKey) -> Bool { left.point == right.point }

    /// Hashes the point.
    public func hash(into hasher: inout Hasher) { hasher.combine(point) }
}

/// SM2 signatures over SM3 (GB/T 32918.2): for checkpoints and approvals, at one to two thousand a second.
///
/// The signer's identifier goes into every signature. It must always be given: without one OpenSSL signs with an empty identifier,
/// which no other product accepts.
public enum SM2 {
    /// The identifier that GM/T 0009 sets for signers without one of their own: the 16 characters `1234567812345678`.
    public static let defaultIdentifier = Array("1234567812345678".utf8)

    /// A key pair that signs.
    public final class SigningKey: Sendable {
        let key: EllipticKey

        private init(_ key: EllipticKey) { self.key = key }

        /// A new key pair.
        public static func generate() throws(CryptographyError) -> SigningKey { try SigningKey(.generate(.sm2)) }

        /// A key pair from its scalar of 32 bytes and its point of 65.
        ///
        /// - Throws: `malformedKey` when they are none.
        public convenience init(scalar: borrowing SecretBytes, point: [UInt8]) throws(CryptographyError) {
            try self.init(EllipticKey(.sm2, point: point, scalar: scalar))
        }

        /// A key pair from its scalar of 32 bytes alone.
        ///
        /// - Throws: `malformedKey` when it is none.
        public convenience init(scalar: borrowing SecretBytes) throws(CryptographyError) {
            try self.init(scalar: scalar, point: EllipticKey.point(ofSM2Scalar: scalar))
        }

        /// Reads a key pair in PKCS #8 or SEC 1 form, DER.
        ///
        /// - Throws: `malformedKey` when it is none, or on another curve.
        public convenience init(der: Span<UInt8>) throws(CryptographyError) {
            try self.init(EllipticKey(.sm2, privateKey: der, .der))
        }

        /// The key pair in PKCS #8 form, DER; a secret.
        public func der() throws(CryptographyError) -> SecretBytes { try key.privateKey(.der) }

        /// The public part.
        public var verificationKey: VerificationKey { VerificationKey(key) }

        /// Signs: r ‖ s, 32 bytes each, most significant first, padded on the left.
        ///
        /// - Throws: `wrongLength` for an empty identifier or one of more than 8191 bytes.
        public func sign(_ message: [UInt8], identifier: [UInt8]) throws(CryptographyError) -> [UInt8] {
            try checkIdentifier(identifier)
            return try key.sign(message, .sm3, identifier: identifier)
        }

        /// Signs e, the 32-byte SM3 of the signer's Z ‖ message, that was made elsewhere: what a card does.
        ///
        /// - Throws: `wrongLength` for another length.
        public func sign(digest: [UInt8]) throws(CryptographyError) -> [UInt8] {
            guard digest.count == 32 else { throw .wrongLength("digest", digest.count) }
            return try key.sign(digest: digest)
        }
    }

    /// A public key that checks signatures.
    public struct VerificationKey: Sendable {
        let key: EllipticKey

        init(_ key: EllipticKey) { self.key = key }

        /// Reads a key from its point, 04 ‖ x ‖ y, 65 bytes.
        ///
        /// - Throws: `malformedKey` when it is no point of the curve.
        public init(point: [UInt8]) throws(CryptographyError) { key = try EllipticKey(.sm2, point: point) }

        /// Reads a key in SubjectPublicKeyInfo form, DER.
        ///
        /// - Throws: `malformedKey` when it is none, or on another curve.
        public init(der: [UInt8]) throws(CryptographyError) { key = try EllipticKey(.sm2, publicKey: der, .der) }

        /// 04 ‖ x ‖ y, 65 bytes.
        public var point: [UInt8] { key.point }

        /// Reads a key from PEM text.
        ///
        /// - Throws: `malformedKey` when it is none, or on another curve.
        public init(pem: [UInt8]) throws(CryptographyError) { key = try EllipticKey(.sm2, publicKey: pem, .pem) }

        /// The key in SubjectPublicKeyInfo form, DER.
        public func der() throws(CryptographyError) -> [UInt8] { try key.publicKey(.der) }

        /// The key in SubjectPublicKeyInfo form, PEM text.
        public func pem() throws(CryptographyError) -> [UInt8] { try key.publicKey(.pem) }

        /// Whether the signature (r ‖ s, 64 bytes) over the message is this key's under this identifier.
        ///
        /// - Throws: `malformedSignature` when it has not 64 bytes; `wrongLength` for an identifier as in signing.
        public func verify(
            _ signature: [UInt8], of message: [UInt8], identifier: [UInt8]
        ) throws(CryptographyError) -> Bool {
            try checkIdentifier(identifier)
            return try key.verify(signature, message, .sm3, identifier: identifier)
        }

        /// Whether the signature is this key's over e, the 32-byte SM3 of the signer's Z ‖ message, that was made elsewhere.
        ///
        /// - Throws: `malformedSignature` when it has not 64 bytes.
        public func verify(_ signature: [UInt8], digest: [UInt8]) throws(CryptographyError) -> Bool {
            guard digest.count == 32 else { throw .wrongLength("digest", digest.count) }
            return try key.verify(signature, digest: digest)
        }
    }

    // The identifier's length in bits must fit 16 bits.
    private static func checkIdentifier(_ identifier: [UInt8]) throws(CryptographyError) {
        guard (1...8191).contains(identifier.count) else { throw .wrongLength("identifier", identifier.count) }
    }
}

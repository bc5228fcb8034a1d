/// A P-256 key pair that signs with ECDSA over SHA-256 (FIPS 186-5): the key of a counter's log.
public final class SigningKey: Sendable {
    private let key: EllipticKey

    private init(_ key: EllipticKey) { self.key = key }

    /// A new key pair.
    public static func generate() throws(CryptographyError) -> SigningKey { try SigningKey(.generate(.p256)) }

    /// Reads a key pair in PKCS #8 or SEC 1 form, DER.
    ///
    /// - Throws: `malformedKey` when it is none, or on another curve.
    public convenience init(der: Span<UInt8>) throws(CryptographyError) {
        try self.init(EllipticKey(.p256, privateKey: der, .der))
    }

    /// Reads a key pair from PEM text without a passphrase.
    ///
    /// - Throws: `malformedKey` when it is none, or on another curve.
    public convenience init(pem: Span<UInt8>) throws(CryptographyError) {
        try self.init(EllipticKey(.p256, privateKey: pem, .pem))
    }

    /// The key pair in PKCS #8 form, DER; a secret.
    public func der() throws(CryptographyError) -> SecretBytes { try key.privateKey(.der) }

    /// The key pair in PKCS #8 form, PEM text; a secret.
    public func pem() throws(CryptographyError) -> SecretBytes { try key.privateKey(.pem) }

    /// The public part.
    public var verificationKey: VerificationKey { VerificationKey(key) }

    /// Signs many messages.
    public func signer() throws(CryptographyError) -> MessageSigner { MessageSigner(try key.digestSigner()) }

    /// Signs: r ‖ s, 32 bytes each, most significant first, padded on the left.
    ///
    /// Two signatures of one message differ.
    public func sign(_ message: [UInt8]) throws(CryptographyError) -> [UInt8] {
        // The digest first: signing it alone prepares less than signing a message does.
        try key.sign(digest: HashFunction.sha256.hash(message))
    }
}

extension SigningKey: CustomStringConvertible, CustomReflectable {
    /// `SigningKey` and nothing of it.
    public var description: String { "SigningKey" }
    /// Nothing to see for `dump` and debuggers.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

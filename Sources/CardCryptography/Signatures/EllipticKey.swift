import COpenSSL

/// A key pair or public key on one of the two curves, as OpenSSL holds it.
final class EllipticKey: @unchecked Sendable {  // OpenSSL lets all threads use a key that nobody changes
    /// The two curves with the names OpenSSL has for them.
    enum Curve: Hashable, Sendable {
        case p256
        case sm2

        var type: String { self == .p256 ? "EC" : "SM2" }
        var group: String { self == .p256 ? "P-256" : "SM2" }
        /// What OpenSSL calls the group of a key that it has read.
        var name: String { self == .p256 ? "prime256v1" : "SM2" }
    }

    /// How a key is written down.
    enum Encoding: Int32 {
        case der = 0
        case pem = 1
    }

    private let pointer: OpaquePointer
    /// 04 ‖ x ‖ y, 65 bytes.
    let point: [UInt8]

    private init(owning pointer: OpaquePointer?, _ curve: Curve) throws(CryptographyError) {
        guard let pointer else {
            _ = openSSLFailure("key")
            throw .malformedKey
        }
        var point = [UInt8](repeating: 0, count: 65)
        guard card_ec_key_is(pointer, curve.type, curve.name) == 1, card_ec_point(pointer, &point) == 1 else {
            EVP_PKEY_free(pointer)
            _ = openSSLFailure("key")
            throw .malformedKey
        }
        self.pointer = pointer
        self.point = point
    }

    deinit { EVP_PKEY_free(pointer) }

    /// A new key pair.
    static func generate(_ curve: Curve) throws(CryptographyError) -> EllipticKey {
        guard let pointer = card_ec_generate(curve.type, curve.group) else { throw openSSLFailure("key generation") }
        return try EllipticKey(owning: pointer, curve)
    }

    /// A public key from its point.
    convenience init(_ curve: Curve, point: [UInt8]) throws(CryptographyError) {
        guard point.count == 65, point[0] == 4 else { throw .malformedKey }
        try self.init(owning: card_ec_key(curve.type, curve.group, point, point.count, nil, 0), curve)
    }

    /// A key pair from its point and its scalar of 32 bytes.
    convenience init(_ curve: Curve, point: [UInt8], scalar: borrowing SecretBytes) throws(CryptographyError) {
        guard point.count == 65, point[0] == 4, scalar.count == 32 else { throw .malformedKey }
        let pointer = scalar.withSpan { span in
            span.withUnsafeBufferPointer {
                card_ec_key(curve.type, curve.group, point, point.count, $0.baseAddress, $0.count)
            }
        }
        try self.init(owning: pointer, curve)
    }

    /// A key pair as it was written.
    convenience init(_ curve: Curve, privateKey: Span<UInt8>, _ encoding: Encoding) throws(CryptographyError) {
        let pointer = privateKey.withUnsafeBufferPointer {
            card_private_key_read($0.baseAddress, $0.count, encoding.rawValue)
        }
        try self.init(owning: pointer, curve)
    }

    /// A public key as it was written.
    convenience init(_ curve: Curve, publicKey: [UInt8], _ encoding: Encoding) throws(CryptographyError) {
        try self.init(owning: card_public_key_read(publicKey, publicKey.count, encoding.rawValue), curve)
    }

    /// The pair as PKCS #8.
    func privateKey(_ encoding: Encoding) throws(CryptographyError) -> SecretBytes {
        let count = card_key_write(pointer, 1, encoding.rawValue, nil, 0)
        guard count > 0 else { throw openSSLFailure("key") }
        return try SecretBytes.filling(count: count) { (span: inout MutableSpan<UInt8>) throws(CryptographyError) in
            let written = span.withUnsafeMutableBufferPointer {
                card_key_write(pointer, 1, encoding.rawValue, $0.baseAddress, $0.count)
            }
            guard written == count else { throw openSSLFailure("key") }
        }
    }

    /// The public part as SubjectPublicKeyInfo.
    func publicKey(_ encoding: Encoding) throws(CryptographyError) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: 512)
        let count = card_key_write(pointer, 0, encoding.rawValue, &output, output.count)
        guard count > 0 else { throw openSSLFailure("key") }
        return Array(output.prefix(count))
    }

    /// r ‖ s, 64 bytes; `identifier` is for SM2 and nil for ECDSA.
    func sign(
        _ message: [UInt8], _ function: HashFunction, identifier: [UInt8]?
    ) throws(CryptographyError) -> [UInt8] {
        var signature = [UInt8](repeating: 0, count: 64)
        let done = card_sign(
            pointer, try function.fetched, identifier, identifier?.count ?? 0, message, message.count, &signature)
        guard done == 1 else { throw openSSLFailure("sign") }
        return signature
    }

    /// Signs digests that were made elsewhere, again and again.
    func digestSigner() throws(CryptographyError) -> DigestSigner {
        guard let context = card_signer(pointer) else { throw openSSLFailure("sign") }
        return DigestSigner(owning: context)
    }

    /// Signs a digest that was made elsewhere: r ‖ s, 64 bytes.
    func sign(digest: [UInt8]) throws(CryptographyError) -> [UInt8] {
        var signature = [UInt8](repeating: 0, count: 64)
        guard card_sign_digest(pointer, digest, digest.count, &signature) == 1 else { throw openSSLFailure("sign") }
        return signature
    }

    /// Whether `signature` is this key's.
    func verify(
        _ signature: [UInt8], _ message: [UInt8], _ function: HashFunction, identifier: [UInt8]?
    ) throws(CryptographyError) -> Bool {
        guard signature.count == 64 else { throw .malformedSignature }
        let answer = card_verify(
            pointer, try function.fetched, identifier, identifier?.count ?? 0, message, message.count, signature)
        return try judged(answer)
    }

    /// Whether `signature` is this key's over a digest that was made elsewhere.
    func verify(_ signature: [UInt8], digest: [UInt8]) throws(CryptographyError) -> Bool {
        guard signature.count == 64 else { throw .malformedSignature }
        return try judged(card_verify_digest(pointer, digest, digest.count, signature))
    }

    /// The point of an SM2 scalar.
    static func point(ofSM2Scalar scalar: borrowing SecretBytes) throws(CryptographyError) -> [UInt8] {
        guard scalar.count == 32 else { throw .malformedKey }
        var point = [UInt8](repeating: 0, count: 65)
        let done = scalar.withUnsafeBytes {
            card_sm2_point($0.baseAddress?.assumingMemoryBound(to: UInt8.self), &point)
        }
        guard done == 1 else {
            _ = openSSLFailure("key")
            throw .malformedKey
        }
        return point
    }

    /// Enciphers under an SM2 key: SEQUENCE{x, y, C3, C2}.
    func encrypt(_ message: Span<UInt8>) throws(CryptographyError) -> [UInt8] {
        // two numbers, a hash and their heads take less than 128 bytes
        var output = [UInt8](repeating: 0, count: message.count + 128)
        let count = message.withUnsafeBufferPointer {
            card_sm2_crypt(pointer, 1, $0.baseAddress, $0.count, &output, output.count)
        }
        guard count > 0 else { throw openSSLFailure("SM2 encrypt") }
        return Array(output.prefix(count))
    }

    /// Deciphers SEQUENCE{x, y, C3, C2}; throws `notAuthentic` for what was not enciphered under this key.
    func decrypt(_ cipherText: [UInt8]) throws(CryptographyError) -> SecretBytes {
        var count = 0
        let output = SecretBytes.filling(count: cipherText.count) { span in
            span.withUnsafeMutableBufferPointer {
                count = card_sm2_crypt(pointer, 0, cipherText, cipherText.count, $0.baseAddress, $0.count)
            }
        }
        guard count > 0 else {
            _ = openSSLFailure("SM2 decrypt")
            throw .notAuthentic
        }
        return output.withSpan { SecretBytes(copying: $0.extracting(0..<count)) }
    }

    private func judged(_ answer: Int32) throws(CryptographyError) -> Bool {
        if answer == 1 { return true }
        let failure = openSSLFailure("verify")
        guard answer == 0 else { throw failure }
        return false
    }
}

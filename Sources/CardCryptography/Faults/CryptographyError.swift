/// Why a cryptographic operation gave no result.
///
/// Never carries a key or a plain text.
public enum CryptographyError: Error, Hashable, Sendable {
    /// OpenSSL on this machine does not offer the algorithm.
    case notAvailable(String)
    /// Something has a number of bytes that the operation does not take: what it is, and how many it had.
    case wrongLength(String, Int)
    /// The key is one of the weak or semi-weak DES keys.
    case weakKey
    /// The sealed bytes were altered, or the key is another one.
    case notAuthentic
    /// What was deciphered has no length byte and padding in their places: it was altered, or the key is another one.
    case malformedPlaintext
    /// The bytes are no key of the kind expected.
    case malformedKey
    /// The bytes are no signature of the kind expected.
    case malformedSignature
    /// A part of a certificate's name is too short or too long, or has a character that has no place there.
    case malformedName
    /// The random number generator gave nothing.
    case randomnessUnavailable
    /// OpenSSL failed: the operation, and OpenSSL's own reason where it gave one.
    case operationFailed(String, reason: String)
    /// A known answer came out differently: this library must not be used.
    case knownAnswerFailed(String)
}

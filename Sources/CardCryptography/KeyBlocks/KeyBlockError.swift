/// Why a key block was not opened or made.
///
/// Nothing of its key was used.
public enum KeyBlockError: Error, Hashable, Sendable {
    /// The text is no key block: what is wrong with it.
    case malformed(String)
    /// The version is not known.
    case unknownVersion(Character)
    /// Blocks of this version are opened and never made.
    case onlyOpened(KeyBlockVersion)
    /// The protection key has a length that the version does not take.
    case protectionKey(KeyBlockVersion, length: Int)
    /// The header was altered, or the key data, or the protection key is another one.
    case notAuthentic
    /// The key is of a stronger kind than what protects it.
    case weakerProtection(KeyBlockVersion, algorithm: Character)
    /// The key has a length that its algorithm does not have.
    case keyLength(algorithm: Character, length: Int)
    /// The cryptographic library failed.
    case cryptography(CryptographyError)

    static func reporting<Value: ~Copyable>(
        _ body: () throws(CryptographyError) -> Value
    ) throws(KeyBlockError) -> Value {
        do throws(CryptographyError) {
            return try body()
        } catch {
            throw .cryptography(error)
        }
    }
}

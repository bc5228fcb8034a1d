import CardCryptography

/// The counter's own keys: one signs its log, one seals personal data, one makes the hash that persons are found by.
///
/// They lie in files of mode 0600 beside the log. At a real site the counter's HSM or the operating system's key store
/// wraps them, and the disk is encrypted below; the files are the place to change for that.
final class RegistryKeys: Sendable {
    let signing: SigningKey
    let sealing: SecretBytes
    let lookUp: SecretBytes

    /// Reads the keys, or makes them for a registry that has no log yet; never beside an existing log.
    init(in directory: RegistryDirectory, logExists: Bool) throws(RegistryError) {
        signing = try Self.signingKey(KeyFile(path: directory.file("counter.key")), mayCreate: !logExists)
        sealing = try Self.symmetricKey(KeyFile(path: directory.file("sealing.key")), mayCreate: !logExists)
        lookUp = try Self.symmetricKey(KeyFile(path: directory.file("look-up.key")), mayCreate: !logExists)
        // A log that outlives its keys cannot be read.
        if !logExists { try directory.bringToDisk() }
    }

    private static func signingKey(_ file: KeyFile, mayCreate: Bool) throws(RegistryError) -> SigningKey {
        if !file.exists && mayCreate {
            let made: SecretBytes
            do { made = try SigningKey.generate().pem() } catch { throw .cryptography(error) }
            try file.create(made)
        }
        let pem = try file.read()
        do {
            return try pem.withSpan { (span) throws(CryptographyError) in try SigningKey(pem: span) }
        } catch {
            throw .keyFileUnfit(file.path)
        }
    }

    private static func symmetricKey(_ file: KeyFile, mayCreate: Bool) throws(RegistryError) -> SecretBytes {
        if !file.exists && mayCreate {
            let made: SecretBytes
            do { made = try SecureRandom.secret(32) } catch { throw .cryptography(error) }
            try file.create(made)
        }
        let key = try file.read()
        guard key.count == 32 else { throw .keyFileUnfit(file.path) }
        return key
    }
}

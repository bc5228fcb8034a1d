import ByteText
import CardCryptography

/// The counter's own keys as a backup keeps them: sealed under a passphrase, for a log without them cannot be read, and a
/// copy of them in the open would open it to everybody.
///
/// `SCK1` ‖ salt (16) ‖ scrypt's N, r and p (8 each) ‖ AES-256-GCM box over sealing key (32) ‖ look-up key (32) ‖ signing key
/// (PEM); what stands before the box is bound to it.
enum BackupKeys {
    static let fileName = "keys.sealed"
    private static let magic = Array("SCK1".utf8)
    private static let headLength = 4 + 16 + 24
    private static let lengthLimit = 8192

    static func seal(
        _ keys: RegistryKeys, under passphrase: borrowing SecretBytes, cost: KeyDerivation.ScryptCost
    ) throws(RegistryError) -> [UInt8] {
        do {
            let head =
                magic + (try SecureRandom.bytes(16)) + cost.cost.bigEndianBytes + cost.blockSize.bigEndianBytes
                + cost.parallelization.bigEndianBytes
            let pem = try keys.signing.pem()
            let plain = SecretBytes.filling(count: 64 + pem.count) { span in
                keys.sealing.withSpan { for index in $0.indices { span[index] = $0[index] } }
                keys.lookUp.withSpan { for index in $0.indices { span[32 + index] = $0[index] } }
                pem.withSpan { for index in $0.indices { span[64 + index] = $0[index] } }
            }
            let key = try Self.key(head, passphrase)
            return head
                + (try plain.withSpan { (plain) throws(CryptographyError) in
                    try key.withSpan { (key) throws(CryptographyError) in
                        try SealedBox.seal(plain, key: key, header: head)
                    }
                })
        } catch {
            throw .cryptography(error)
        }
    }

    /// Writes the three key files of a registry into a folder.
    ///
    /// - Throws: `keysStayShut` for another passphrase, and for keys that are not those of the manifest.
    static func open(
        _ sealed: [UInt8], under passphrase: borrowing SecretBytes, of manifest: BackupManifest, into folder: String
    ) throws(RegistryError) {
        let plain = try open(sealed, under: passphrase)
        guard plain.count > 64 else { throw .backup(.keysStayShut) }
        let sealing = plain.withSpan { SecretBytes(copying: $0.extracting(0..<32)) }
        let lookUp = plain.withSpan { SecretBytes(copying: $0.extracting(32..<64)) }
        let pem = plain.withSpan { SecretBytes(copying: $0.extracting(64..<$0.count)) }
        let signing = try? pem.withSpan { (span) throws(CryptographyError) in try SigningKey(pem: span) }
        guard signing?.verificationKey == manifest.verificationKey else { throw .backup(.keysStayShut) }
        try KeyFile(path: folder + "/sealing.key").create(sealing)
        try KeyFile(path: folder + "/look-up.key").create(lookUp)
        try KeyFile(path: folder + "/counter.key").create(pem)
    }

    private static func open(
        _ sealed: [UInt8], under passphrase: borrowing SecretBytes
    ) throws(RegistryError) -> SecretBytes {
        guard sealed.count > headLength, sealed.count <= lengthLimit, sealed.starts(with: magic) else {
            throw .backup(.altered(file: fileName))
        }
        let head = Array(sealed.prefix(headLength))
        do {
            let key = try key(head, passphrase)
            return try key.withSpan { (key) throws(CryptographyError) in
                try SealedBox.open(Array(sealed.dropFirst(headLength)), key: key, header: head)
            }
        } catch .notAuthentic {
            throw .backup(.keysStayShut)
        } catch {
            throw .cryptography(error)
        }
    }

    /// The costs stand in the file; ``KeyDerivation`` refuses those that would fill memory.
    private static func key(
        _ head: [UInt8], _ passphrase: borrowing SecretBytes
    ) throws(CryptographyError) -> SecretBytes {
        func number(_ place: Int) -> UInt64 { UInt64(bigEndianBytes: head[place..<place + 8]) ?? 0 }
        let cost = KeyDerivation.ScryptCost(
            cost: number(20), blockSize: number(28), parallelization: min(number(36), 4))
        let salt = Array(head[4..<20])
        return try passphrase.withSpan { (span) throws(CryptographyError) in
            try KeyDerivation.scrypt(passphrase: span, salt: salt, cost: cost, count: 32)
        }
    }
}

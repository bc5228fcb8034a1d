import ByteText
public import CardCryptography
public import CardData
import Glibc

/// Key sets in files, sealed with AES-256-GCM or SM4 and HMAC-SM3 under a passphrase (scrypt).
public enum SealedKeyStore {
    /// The file that a store's directory holds.
    public static let fileName = "keyset.yaml"

    /// What the opened keys are to be used for.
    public enum Mode: Sendable {
        /// Development and tests: every set is welcome.
        case development
        /// Real cards: the development set, and what came down from a forbidden root, is refused. Nothing overrides that.
        case production(ForbiddenRoots, hierarchy: KeyHierarchy)

        /// Refuses a set that may not be used so, wherever it came from.
        ///
        /// Throws `key-store.development-in-production`.
        public func check(_ set: KeySet) throws(Faults) {
            guard case .production(let forbidden, let hierarchy) = self else { return }
            try forbidden.check(set, hierarchy: hierarchy)
        }
    }

    /// Opens the key set of a directory.
    ///
    /// Throws `key-store.not-found`, what ``DataFile/read(_:)`` throws, `key-store.format`, `key-store.value`, `key-store.not-opened` (wrong passphrase or
    /// altered file), `key-store.contents`, and in production `key-store.development-in-production`.
    public static func open(
        directory: String, passphrase: borrowing SecretBytes, mode: Mode
    ) throws(Faults) -> KeySet {
        let root = try file(in: directory)
        let key = try unlockingKey(root, passphrase: passphrase)
        return try open(root, unlockingKey: key, mode: mode)
    }

    /// Opens a key set with the key that its passphrase makes, which custodians can hold in shares.
    ///
    /// Throws what ``open(directory:passphrase:mode:)`` throws.
    static func open(_ root: YAMLNode, unlockingKey key: borrowing SecretBytes, mode: Mode) throws(Faults) -> KeySet {
        let header = try KeySetHeader(root)
        let box = try root.required("sealed").hexBytes
        var set = try KeySet(name: header.name, level: header.level, area: header.area, root: header.root)
        let isRead = try storing { () throws(CryptographyError) -> Bool? in
            do throws(CryptographyError) {
                return try key.withSpan { key throws(CryptographyError) in
                    try header.seal.open(box, key: key, header: header.bytes)
                }.withSpan { KeySetContents.read($0, format: header.format, into: &set) }
            } catch .notAuthentic {
                return nil
            }
        }
        guard let isRead else { throw root.fault("key-store.not-opened", ["name": header.name]) }
        guard isRead else { throw root.fault("key-store.contents", ["name": header.name]) }
        set.lineage = header.lineage
        try mode.check(set)
        return set
    }

    /// The key that a passphrase makes for a store's file; whether it is the right one shows in opening.
    static func unlockingKey(_ root: YAMLNode, passphrase: borrowing SecretBytes) throws(Faults) -> SecretBytes {
        let header = try KeySetHeader(root)
        return try storing { () throws(CryptographyError) in try header.sealingKey(passphrase: passphrase) }
    }

    /// The file of a directory, not yet opened.
    static func file(in directory: String) throws(Faults) -> YAMLNode {
        let path = directory + "/" + fileName
        guard access(path, R_OK) == 0 else { throw Faults("key-store.not-found", ["path": path]) }
        return try DataFile.read(path)
    }

    /// Opens a set that is sealed with the public passphrase of the development keys.
    ///
    /// Throws what ``open(directory:passphrase:mode:)`` throws.
    public static func openDevelopment(directory: String) throws(Faults) -> KeySet {
        let passphrase = SecretBytes(copying: Array(DevelopmentKeySet.passphrase.utf8))
        return try open(directory: directory, passphrase: passphrase, mode: .development)
    }

    /// The text of a file that holds a key set, to be written as ``fileName`` into a directory of its own.
    ///
    /// - Parameters:
    ///   - passphrase: What opens it again.
    ///   - seal: AES-256-GCM, or the national algorithms.
    ///   - cost: What each guess at the passphrase costs; the default is 128 MiB and a good third of a second.
    public static func seal(
        _ set: KeySet, passphrase: borrowing SecretBytes, seal: Seal = .aes256GCM,
        cost: KeyDerivation.ScryptCost = .init(cost: 1 << 17)
    ) throws(Faults) -> String {
        try storing { () throws(CryptographyError) in
            let header = KeySetHeader(
                name: set.name, level: set.level, area: set.area, root: set.root, salt: try SecureRandom.bytes(16),
                cost: cost, lineage: set.lineage, seal: seal)
            let contents = KeySetContents.write(set)
            let key = try header.sealingKey(passphrase: passphrase)
            let box = try contents.withSpan { contents throws(CryptographyError) in
                try key.withSpan { key throws(CryptographyError) in
                    try seal.seal(contents, key: key, header: header.bytes)
                }
            }
            return text(header, box)
        }
    }

    /// The text of a file with salt and nonce of the caller's.
    static func seal(
        _ set: KeySet, _ header: KeySetHeader, passphrase: borrowing SecretBytes, nonce: [UInt8]
    ) throws(CryptographyError) -> String {
        let contents = KeySetContents.write(set)
        let key = try header.sealingKey(passphrase: passphrase)
        let box = try contents.withSpan { contents throws(CryptographyError) in
            try key.withSpan { key throws(CryptographyError) in
                try SealedBox.seal(contents, key: key, header: header.bytes, nonce: nonce)
            }
        }
        return text(header, box)
    }

    private static func text(_ header: KeySetHeader, _ box: [UInt8]) -> String {
        let lines = stride(from: 0, to: box.count, by: 48).map { "  " + box[$0..<min($0 + 48, box.count)].hexadecimal }
        let lineage =
            header.lineage.isEmpty
            ? "" : "lineage:\n" + header.lineage.map { "  - \($0)\n" }.joined()
        return """
            # Issuer keys of the social security card, sealed with \(header.seal.title) under a passphrase (scrypt).
            # Every line here is bound to the seal: a changed one keeps the set from opening.
            format: \(header.format.rawValue)
            name: \(header.name)
            level: \(header.level.rawValue)
            area: \(header.area)
            root: \(header.root)
            scrypt:
              salt: \(header.salt.hexadecimal)
              cost: \(header.cost.cost)
              blockSize: \(header.cost.blockSize)
              parallelization: \(header.cost.parallelization)\(header.sealLine)
            \(lineage)sealed: |
            \(lines.joined(separator: "\n"))

            """
    }
}

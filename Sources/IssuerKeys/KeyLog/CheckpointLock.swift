public import CardCryptography
public import CardData

/// What opens the checkpoint key of a key log, and seals the one that comes next: a passphrase.
public final class CheckpointLock: Sendable {
    /// For development and tests: the public passphrase of the development keys.
    ///
    /// Keys that lie open are taken too.
    public static let development = CheckpointLock(
        publicPassphrase, takesOpenKeys: true, cost: KeyDerivation.ScryptCost(cost: 1 << 10))

    let passphrase: SecretBytes
    /// Whether a key is taken that lies open on the disk, as earlier editions left it.
    let takesOpenKeys: Bool
    private let cost: KeyDerivation.ScryptCost

    private init(_ passphrase: consuming SecretBytes, takesOpenKeys: Bool, cost: KeyDerivation.ScryptCost) {
        self.passphrase = passphrase
        self.takesOpenKeys = takesOpenKeys
        self.cost = cost
    }

    /// A passphrase of the site's own.
    ///
    /// - Parameters:
    ///   - takesOpenKeys: whether a key is taken that lies open on the disk: in development, and to put it out of use.
    ///   - cost: What opening a key costs; the default is 128 MiB and a good third of a second.
    /// Throws `key-log.public-passphrase` for the one of the development keys, which everybody knows.
    public convenience init(
        passphrase: consuming SecretBytes, takesOpenKeys: Bool = false,
        cost: KeyDerivation.ScryptCost = .init(cost: 1 << 17)
    ) throws(Faults) {
        guard !passphrase.isEqual(to: Self.publicPassphrase) else { throw Faults("key-log.public-passphrase") }
        self.init(passphrase, takesOpenKeys: takesOpenKeys, cost: cost)
    }

    /// How a key is sealed under the passphrase: a salt of its own each time.
    func passphraseLock() throws(Faults) -> PassphraseLock { try .make(seal: .aes256GCM, cost: cost) }

    private static var publicPassphrase: SecretBytes {
        SecretBytes(copying: Array(DevelopmentKeySet.passphrase.utf8))
    }
}

public import CardCryptography
import Glibc

/// The site's key for sealing journal headers: 32 random bytes in a file only its owner can read.
public final class SealingKey: Sendable {
    let secret: SecretBytes

    /// A key held in memory.
    public init(_ secret: consuming SecretBytes) { self.secret = secret }

    /// Seals a secret for one purpose; ``unseal(_:for:)`` with another opens nothing.
    public func seal(_ plain: borrowing SecretBytes, for purpose: String) throws(CryptographyError) -> [UInt8] {
        try secret.withSpan { (key) throws(CryptographyError) in
            try plain.withSpan { (plain) throws(CryptographyError) in
                try SealedBox.seal(plain, key: key, header: Array(purpose.utf8))
            }
        }
    }

    /// Opens what ``seal(_:for:)`` made; throws `notAuthentic` when it was altered or made for another purpose.
    public func unseal(_ box: [UInt8], for purpose: String) throws(CryptographyError) -> SecretBytes {
        try secret.withSpan { (key) throws(CryptographyError) in
            try SealedBox.open(box, key: key, header: Array(purpose.utf8))
        }
    }

    /// Reads the key of a folder and makes none; nil when there is none.
    ///
    /// - Throws: `cannotRead` for a key that this process may not read, `keyUnfit`.
    public static func existing(in folder: String) throws(JournalError) -> SealingKey? {
        do {
            return try read(path(in: folder))
        } catch {
            if case .cannotWrite(let path, let code) = error { throw .cannotRead(path, code) }
            throw error
        }
    }

    private static func path(in folder: String) -> String { folder + "/journal.key" }

    /// Reads the key of a folder, or makes it when there is none.
    public static func load(in folder: String) throws(JournalError) -> SealingKey {
        let path = path(in: folder)
        if let key = try read(path) { return key }
        let bytes: SecretBytes
        do { bytes = try SecureRandom.secret(32) } catch { throw .sealing }
        // A name of its own: two first starts at once must not write into each other's key.
        let unfinished = "\(path).\(UInt64.random(in: .min ... .max)).new"
        let descriptor = open(unfinished, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .cannotWrite(unfinished, errno) }
        defer {
            close(descriptor)
            unlink(unfinished)
        }
        let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard written == 32, fsync(descriptor) == 0 else { throw .cannotWrite(unfinished, errno) }
        // Linked and not renamed: a key that somebody else made meanwhile seals journals already.
        guard link(unfinished, path) == 0 else {
            let reason = errno
            if reason == EEXIST, let key = try read(path) { return key }
            throw .cannotWrite(path, reason)
        }
        try Journal.bringFolderToDisk(folder)
        return SealingKey(bytes)
    }

    private static func read(_ path: String) throws(JournalError) -> SealingKey? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            guard errno == ENOENT else { throw .cannotWrite(path, errno) }
            return nil
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & 0o077 == 0, status.st_uid == geteuid() else {
            throw .keyUnfit(path)
        }
        return SealingKey(
            try SecretBytes.filling(count: 32) { (span: inout MutableSpan<UInt8>) throws(JournalError) in
                let count = span.withUnsafeMutableBufferPointer { Glibc.read(descriptor, $0.baseAddress, $0.count) }
                guard count == 32 else { throw .keyUnfit(path) }
            })
    }
}

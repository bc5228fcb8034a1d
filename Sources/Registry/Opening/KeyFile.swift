import CardCryptography
import Glibc

/// A file that holds one key and nothing else, readable by its owner only.
struct KeyFile {
    let path: String

    /// No key file of ours is longer.
    private static let lengthLimit = 4096

    var exists: Bool { access(path, F_OK) == 0 }

    /// Reads the key straight into memory that wipes itself.
    func read() throws(RegistryError) -> SecretBytes {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw .keyMissing(path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & 0o077 == 0, status.st_uid == geteuid(),
            status.st_size > 0, status.st_size <= Self.lengthLimit
        else { throw .keyFileUnfit(path) }
        let length = Int(status.st_size)
        return try SecretBytes.filling(count: length) { (span: inout MutableSpan<UInt8>) throws(RegistryError) in
            let count = span.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, length) }
            guard count == length else { throw .keyFileUnfit(path) }
        }
    }

    /// Writes a new file for good; throws when it is there already.
    ///
    /// It gets its name when all of it stands on the disk: a file that a crash left empty would stop each later start.
    func create(_ secret: borrowing SecretBytes) throws(RegistryError) {
        let unfinished = path + ".unfinished"
        // Left by a making that did not come to its end; nobody else makes that name.
        unlink(unfinished)
        let descriptor = open(unfinished, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .directory(path, reason: RegistryDirectory.lastError()) }
        defer { unlink(unfinished) }
        let isWritten = isWritten(secret, to: descriptor)
        close(descriptor)
        // Unlike a new name by `rename`, it takes no other file's place.
        guard isWritten, link(unfinished, path) == 0 else {
            throw .directory(path, reason: RegistryDirectory.lastError())
        }
        do {
            try BackupFile.bringToDisk(BackupFile.folder(of: path))
        } catch {
            throw .directory(path, reason: RegistryDirectory.lastError())
        }
    }

    private func isWritten(_ secret: borrowing SecretBytes, to descriptor: CInt) -> Bool {
        let written = secret.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        return written == secret.count && fchmod(descriptor, 0o600) == 0 && fsync(descriptor) == 0
    }
}

public import CardCryptography
public import CardData
import Glibc

/// Reads the first line of a file that holds a secret, into memory that wipes itself.
public enum SecretFile {
    private static let limit = 1024

    /// The line without its end.
    ///
    /// - Parameter ofItsOwner: whether the file must be this user's, and one that only its owner can read; false where the system sees to it.
    /// Throws `secret.file`, which names the file and not what is in it.
    public static func read(_ path: String, ofItsOwner: Bool = true) throws(Faults) -> SecretBytes {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | (ofItsOwner ? O_NOFOLLOW : 0))
        guard descriptor >= 0 else { throw Faults("secret.file", ["path": path]) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            !ofItsOwner || (status.st_mode & 0o077 == 0 && status.st_uid == geteuid())
        else { throw Faults("secret.file", ["path": path]) }
        guard let secret = try? SecretLine.read(descriptor, limit: limit), secret.count > 0 else {
            throw Faults("secret.file", ["path": path])
        }
        return secret
    }
}

import CardCryptography
import Glibc

/// The file with the key that signs the log's checkpoints, readable by its owner only.
enum CheckpointKey {
    /// The secret part, PKCS #8.
    static let fileName = "checkpoint.key"
    /// The secret part of the key that comes next, from before the log names it until it takes the place.
    static let nextFileName = "checkpoint-next.key"
    /// The public part, for auditors.
    static let publicFileName = "checkpoint.pem"
    private static let lengthLimit = 4096

    static func read(_ path: String) throws(KeyLogError) -> SM2.SigningKey {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw .keyUnfit(path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & 0o077 == 0, status.st_uid == geteuid(),
            (1...off_t(lengthLimit)).contains(status.st_size)
        else { throw .keyUnfit(path) }
        let length = Int(status.st_size)
        let secret = try SecretBytes.filling(count: length) { (span: inout MutableSpan<UInt8>) throws(KeyLogError) in
            let count = span.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, length) }
            guard count == length else { throw .keyUnfit(path) }
        }
        do {
            return try secret.withSpan { span throws(CryptographyError) in try SM2.SigningKey(der: span) }
        } catch {
            throw .keyUnfit(path)
        }
    }

    /// Writes the secret part of a key pair to a file of its own, for good.
    static func write(_ key: SM2.SigningKey, _ path: String) throws(KeyLogError) {
        let secret: SecretBytes
        do { secret = try key.der() } catch { throw .cryptography("\(error)") }
        try secret.withUnsafeBytes { bytes throws(KeyLogError) in try replace(path, with: bytes, mode: 0o600) }
    }

    /// Writes the public part for auditors.
    static func publish(_ key: SM2.VerificationKey, in folder: String) throws(KeyLogError) {
        let text: [UInt8]
        do { text = try key.pem() } catch { throw .cryptography("\(error)") }
        try SecretBytes(copying: text).withUnsafeBytes { bytes throws(KeyLogError) in
            try replace(folder + "/" + publicFileName, with: bytes, mode: 0o644)
        }
    }

    /// Puts the next key in its place.
    static func promote(in folder: String) throws(KeyLogError) {
        guard rename(folder + "/" + nextFileName, folder + "/" + fileName) == 0 else {
            throw .cannotWrite(folder, reason: KeyLogFile.reason)
        }
    }

    private static func replace(
        _ path: String, with bytes: UnsafeRawBufferPointer, mode: mode_t
    ) throws(KeyLogError) {
        let unfinished = path + ".new"
        unlink(unfinished)
        let descriptor = open(unfinished, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { throw .cannotWrite(path, reason: KeyLogFile.reason) }
        let done =
            Glibc.write(descriptor, bytes.baseAddress, bytes.count) == bytes.count && fchmod(descriptor, mode) == 0
            && fsync(descriptor) == 0
        let reason = KeyLogFile.reason
        close(descriptor)
        guard done, rename(unfinished, path) == 0 else {
            unlink(unfinished)
            throw .cannotWrite(path, reason: reason)
        }
    }
}

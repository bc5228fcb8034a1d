import ByteText
import CardCryptography
import CardData
import Glibc

/// The key that signs the log's checkpoints as it lies on the disk: sealed under a passphrase, in a file that its owner alone can read.
///
/// Earlier editions left it open, as PKCS #8; such a key is known as what it is, and whoever opens it says whether it is taken.
struct CheckpointKey {
    /// The secret part.
    static let fileName = "checkpoint.key"
    /// The secret part of a key that comes next, or first, from before the log names it until it takes the place.
    static let nextFileName = "checkpoint-next.key"
    /// The public part, for auditors.
    static let publicFileName = "checkpoint.pem"

    private static let format = "sscard-checkpoint-1"
    private static let lengthLimit = 4096
    /// What PKCS #8 begins with.
    private static let sequenceTag: UInt8 = 0x30

    private enum Secret {
        case open(SM2.SigningKey)
        case sealed(PassphraseLock, box: [UInt8])
    }

    /// The public part; that of a sealed key is proven only when it is opened.
    let verificationKey: SM2.VerificationKey
    private let secret: Secret
    private let path: String

    /// Whether anybody who can read the file has the key.
    var liesOpen: Bool { if case .open = secret { true } else { false } }

    /// Opens the key.
    ///
    /// - Throws: `keyOpen` for a key that lies open where none is taken, `keyNotOpened` for another passphrase or an altered file.
    func open(_ lock: CheckpointLock) throws(KeyLogError) -> SM2.SigningKey {
        switch secret {
        case .open(let key):
            guard lock.takesOpenKeys else { throw .keyOpen(path) }
            return key
        case .sealed(let passphraseLock, let box):
            let header = Self.header(verificationKey.point, passphraseLock)
            let key: SM2.SigningKey
            do {
                guard
                    let der = try passphraseLock.open(
                        box, passphrase: lock.passphrase, header: RecordJSON.object(header).canonicalBytes)
                else { throw KeyLogError.keyNotOpened(path) }
                key = try der.withSpan { span throws(CryptographyError) in try SM2.SigningKey(der: span) }
            } catch let error as KeyLogError {
                throw error
            } catch {
                throw .cryptography("\(error)")
            }
            guard key.verificationKey.point == verificationKey.point else { throw .keyNotOpened(path) }
            return key
        }
    }

    private static func header(_ point: [UInt8], _ lock: PassphraseLock) -> [(String, RecordJSON)] {
        [("format", .text(format)), ("publicKey", .text(point.hexadecimal)), ("lock", lock.json)]
    }
}

// MARK: - Reading

extension CheckpointKey {
    /// Reads a key's file.
    ///
    /// - Throws: `keyUnfit` for one that is missing, open to others, or no key.
    init(_ path: String) throws(KeyLogError) {
        let bytes = try Self.bytes(of: path)
        do {
            if bytes.withSpan({ $0[0] == Self.sequenceTag }) {
                let key = try bytes.withSpan { span throws(CryptographyError) in try SM2.SigningKey(der: span) }
                self.init(verificationKey: key.verificationKey, secret: .open(key), path: path)
            } else {
                let text = String(decoding: bytes.unprotectedCopy(), as: UTF8.self)
                let root = try DataFile.parse(text, file: path)
                try root.checkFormat(Self.format)
                try root.checkKeys(["format", "publicKey", "lock", "sealed"])
                self.init(
                    verificationKey: try SM2.VerificationKey(point: root.bytes("publicKey", count: 65)),
                    secret: .sealed(
                        try PassphraseLock(root.required("lock")), box: try root.bytes("sealed", count: nil)),
                    path: path)
            }
        } catch {
            throw .keyUnfit(path)
        }
    }

    /// The key that the log names, as it lies on the disk: the next one where it has not taken its place yet.
    ///
    /// - Throws: `keyUnfit` when it is neither.
    static func stored(as key: SM2.VerificationKey?, in folder: String) throws(KeyLogError) -> CheckpointKey {
        if let next = try? CheckpointKey(folder + "/" + nextFileName), next.verificationKey.point == key?.point {
            return next
        }
        let path = folder + "/" + fileName
        let stored = try CheckpointKey(path)
        guard stored.verificationKey.point == key?.point else { throw .keyUnfit(path) }
        return stored
    }

    private static func bytes(of path: String) throws(KeyLogError) -> SecretBytes {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw .keyUnfit(path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & 0o077 == 0, status.st_uid == geteuid(),
            (1...off_t(lengthLimit)).contains(status.st_size)
        else { throw .keyUnfit(path) }
        let length = Int(status.st_size)
        return try SecretBytes.filling(count: length) { (span: inout MutableSpan<UInt8>) throws(KeyLogError) in
            let count = span.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, length) }
            guard count == length else { throw .keyUnfit(path) }
        }
    }
}

// MARK: - Writing

extension CheckpointKey {
    /// Seals the secret part of a key pair and writes it to a file of its own, for good.
    static func write(
        _ key: SM2.SigningKey, _ name: String, in folder: String, _ lock: CheckpointLock
    ) throws(KeyLogError) {
        let text: String
        do {
            let passphraseLock = try lock.passphraseLock()
            let header = header(key.verificationKey.point, passphraseLock)
            let box = try passphraseLock.seal(
                key.der(), passphrase: lock.passphrase, header: RecordJSON.object(header).canonicalBytes)
            text = RecordJSON.object(header + [("sealed", .text(box.hexadecimal))]).fileText
        } catch {
            throw .cryptography("\(error)")
        }
        try replace(name, in: folder, with: Array(text.utf8), mode: 0o600)
    }

    /// Writes the public part for auditors.
    static func publish(_ key: SM2.VerificationKey, in folder: String) throws(KeyLogError) {
        let text: [UInt8]
        do { text = try key.pem() } catch { throw .cryptography("\(error)") }
        try replace(publicFileName, in: folder, with: text, mode: 0o644)
    }

    /// Puts a key in its place, for good: the next one, unless it stands there already.
    static func promote(_ key: SM2.VerificationKey, in folder: String) throws(KeyLogError) {
        if let stored = try? CheckpointKey(folder + "/" + fileName), stored.verificationKey.point == key.point {
            return
        }
        guard rename(folder + "/" + nextFileName, folder + "/" + fileName) == 0 else {
            throw .cannotWrite(folder, reason: KeyLogFile.reason)
        }
        try KeyLogFile.makeDurable(folder: folder)
    }

    private static func replace(
        _ name: String, in folder: String, with bytes: [UInt8], mode: mode_t
    ) throws(KeyLogError) {
        let path = folder + "/" + name
        let unfinished = path + ".new"
        unlink(unfinished)
        let descriptor = Glibc.open(unfinished, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { throw .cannotWrite(path, reason: KeyLogFile.reason) }
        let done =
            Glibc.write(descriptor, bytes, bytes.count) == bytes.count && fchmod(descriptor, mode) == 0
            && fsync(descriptor) == 0
        let reason = KeyLogFile.reason
        close(descriptor)
        guard done, rename(unfinished, path) == 0 else {
            unlink(unfinished)
            throw .cannotWrite(path, reason: reason)
        }
        try KeyLogFile.makeDurable(folder: folder)
    }
}

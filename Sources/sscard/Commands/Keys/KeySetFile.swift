import CardCryptography
import CardData
import Foundation
import Glibc
import IssuerKeys

/// The file of a key set that is written once and never over another.
enum KeySetFile {
    /// Seals a set into a folder, which is made when it is not there; only its owner can read it.
    ///
    /// Throws `keys.store-exists` when a set lies there already, `keys.store-not-written` when it cannot be written.
    static func write(_ set: KeySet, into folder: String, passphrase: borrowing SecretBytes) throws {
        let path = folder + "/" + SealedKeyStore.fileName
        guard access(path, F_OK) != 0 else { throw Faults("keys.store-exists", ["path": path]) }
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Faults("keys.store-not-written", ["path": path, "reason": error.localizedDescription])
        }
        let text = try SealedKeyStore.seal(set, passphrase: passphrase)
        // written beside and linked, so that the name never stands for half a file, nor for another's
        let temporary = path + ".\(getpid()).new"
        defer { unlink(temporary) }
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw notWritten(path) }
        defer { close(descriptor) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw notWritten(path) }
            rest = rest.dropFirst(count)
        }
        guard fsync(descriptor) == 0 else { throw notWritten(path) }
        guard link(temporary, path) == 0 else {
            throw errno == EEXIST ? Faults("keys.store-exists", ["path": path]) : notWritten(path)
        }
    }

    private static func notWritten(_ path: String) -> Faults {
        Faults("keys.store-not-written", ["path": path, "reason": String(cString: strerror(errno))])
    }
}

public import CardData
import Glibc

/// Files that are whole or not there, whatever happens to the program or the power.
public enum DurableFile {
    /// Writes a new file that only its owner can read; one that is there already is never touched.
    ///
    /// Throws `record.exists` and `record.not-written`.
    public static func create(_ text: String, at path: String) throws(Faults) {
        let partial = path + ".part"
        try write(text, to: partial)
        defer { unlink(partial) }
        // unlike rename, link refuses to replace a file
        guard link(partial, path) == 0 else {
            throw errno == EEXIST ? Faults("record.exists", ["path": path]) : notWritten(path)
        }
        syncFolder(of: path)
    }

    /// Puts a file in the place of the one that is there.
    ///
    /// Throws `record.not-written`; then the old one is still whole.
    public static func replace(_ text: String, at path: String) throws(Faults) {
        let partial = path + ".part"
        try write(text, to: partial)
        guard rename(partial, path) == 0 else {
            let fault = notWritten(path)
            unlink(partial)
            throw fault
        }
        syncFolder(of: path)
    }

    /// Reads a whole file of at most 4 MiB as text.
    ///
    /// Throws `record.not-read`.
    public static func read(_ path: String) throws(Faults) -> String {
        guard let text = String(validating: try readBytes(path), as: UTF8.self) else {
            throw Faults("record.not-read", ["path": path, "reason": "no text"])
        }
        return text
    }

    /// Reads a whole file of at most 4 MiB.
    ///
    /// Throws `record.not-read`.
    public static func readBytes(_ path: String) throws(Faults) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Faults("record.not-read", ["path": path, "reason": reason]) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= DataFile.sizeLimit {
            let count = Glibc.read(descriptor, &piece, piece.count)
            guard count >= 0 else { throw Faults("record.not-read", ["path": path, "reason": reason]) }
            guard count > 0 else { break }
            bytes += piece.prefix(count)
        }
        guard bytes.count <= DataFile.sizeLimit else {
            throw Faults("record.not-read", ["path": path, "reason": "too large"])
        }
        return bytes
    }

    /// Overwrites a file with zeros, removes it, and waits until the disk knows.
    ///
    /// Throws `record.not-written`.
    static func wipe(_ path: String) throws(Faults) {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw notWritten(path) }
        let length = lseek(descriptor, 0, SEEK_END)
        let zeros = [UInt8](repeating: 0, count: max(length, 0))
        let written = pwrite(descriptor, zeros, zeros.count, 0)
        let isSynced = fsync(descriptor) == 0
        close(descriptor)
        guard written == zeros.count, isSynced, unlink(path) == 0 else { throw notWritten(path) }
        syncFolder(of: path)
    }

    private static func write(_ text: String, to path: String) throws(Faults) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw notWritten(path) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { break }
            rest = rest.dropFirst(count)
        }
        let isWhole = rest.isEmpty && fsync(descriptor) == 0
        let fault = notWritten(path)
        close(descriptor)
        guard isWhole else {
            unlink(path)
            throw fault
        }
    }

    private static func syncFolder(of path: String) {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    private static var reason: String { String(cString: strerror(errno)) }

    private static func notWritten(_ path: String) -> Faults {
        Faults("record.not-written", ["path": path, "reason": reason])
    }
}

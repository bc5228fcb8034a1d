public import CardData
import Foundation
import Glibc

/// The disk under a folder.
public enum Disk {
    /// How many bytes this user may still write; nil when the folder cannot be asked.
    public static func freeBytes(at path: String) -> Int? {
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: path)
        return (attributes?[.systemFreeSize] as? NSNumber)?.intValue
    }

    /// With less than this nobody opens, in bytes.
    private static let least = 256 << 20

    /// That so many free bytes are too few; nil when they are not.
    public static func lowFault(_ free: Int) -> Fault? {
        guard free < least else { return nil }
        return Fault("counter.disk-low", ["free": String(free >> 20), "least": String(least >> 20)])
    }

    /// That nothing can be written durably below a folder; nil when a few bytes were.
    ///
    /// Blocks on the disk. Free bytes say nothing of a disk that has become read-only. What is written has no name, so nothing of it stays behind.
    public static func unwritableFault(at folder: String) -> Fault? {
        func fault() -> Fault {
            Fault("counter.disk-unwritable", ["folder": folder, "reason": String(cString: strerror(errno))])
        }
        // O_TMPFILE with its O_DIRECTORY, which Swift does not see: a file without a name.
        let unnamed: CInt = 0o20_000_000 | O_DIRECTORY
        var descriptor = open(folder, unnamed | O_WRONLY | O_CLOEXEC, 0o600)
        if descriptor < 0, [EOPNOTSUPP, EISDIR, EINVAL].contains(errno) {
            // A file system that has none such: one whose name is taken away at once.
            let path = folder + "/.written"
            descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            if descriptor >= 0 { unlink(path) }
        }
        guard descriptor >= 0 else { return fault() }
        defer { close(descriptor) }
        let text = Array("sscard".utf8)
        guard write(descriptor, text, text.count) == text.count, fsync(descriptor) == 0 else { return fault() }
        return nil
    }

    /// As people read it.
    static func text(_ bytes: Int?) -> String {
        guard let bytes else { return "–" }
        let mebibytes = bytes >> 20
        return mebibytes < 10_240 ? "\(mebibytes) MiB" : "\(mebibytes >> 10) GiB"
    }
}

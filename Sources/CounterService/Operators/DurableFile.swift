import Foundation
import Glibc

/// Small files for their owner alone that outlive a power cut.
enum DurableFile {
    /// Replaces a file as a whole: either the old bytes are there or the new ones.
    static func replace(_ path: String, with data: Data) -> Bool {
        let fresh = path + ".new"
        let descriptor = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return false }
        let isWritten = write(data, to: descriptor) && fsync(descriptor) == 0
        close(descriptor)
        guard isWritten, rename(fresh, path) == 0 else { return false }
        return bringFolderToDisk(of: path)
    }

    /// Adds a line to a file and waits until the disk has it; where that fails, the file ends as it did before.
    static func append(_ line: String, to path: String) -> Bool {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let length = lseek(descriptor, 0, SEEK_END)
        guard length >= 0 else { return false }
        if write(Data((line + "\n").utf8), to: descriptor), fsync(descriptor) == 0,
            length > 0 || bringFolderToDisk(of: path)
        {
            return true
        }
        // The next line must not follow half of this one.
        if ftruncate(descriptor, length) == 0 { fsync(descriptor) }
        return false
    }

    /// The whole lines of a file, none where it is missing; half a line at its end, which was never answered, is taken off the disk.
    ///
    /// - Returns: nil when the file cannot be read or mended.
    static func wholeLines(of path: String) -> [Data]? {
        guard let data = FileManager.default.contents(atPath: path) else {
            return access(path, F_OK) == 0 ? nil : []
        }
        let whole = data.prefix(through: data.lastIndex(of: 0x0A) ?? data.startIndex - 1)
        guard whole.count == data.count || replace(path, with: Data(whole)) else { return nil }
        return whole.split(separator: 0x0A)
    }

    private static func write(_ data: Data, to descriptor: CInt) -> Bool {
        var rest = Array(data)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private static func bringFolderToDisk(of path: String) -> Bool {
        let folder = open(
            URL(filePath: path).deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return false }
        defer { close(folder) }
        return fsync(folder) == 0
    }
}

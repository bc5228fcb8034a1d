import CardCryptography
import Glibc

/// Files of a backup: written for good, read a piece at a time.
enum BackupFile {
    private static let pieceLength = 1 << 20

    /// SHA-256 and length of a file.
    static func digest(_ path: String) throws(RegistryError) -> (hash: [UInt8], length: UInt64) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        do {
            var hash = try IncrementalHash(.sha256)
            var length: UInt64 = 0
            var piece = [UInt8](repeating: 0, count: pieceLength)
            while true {
                let count = read(descriptor, &piece, piece.count)
                guard count >= 0 else { throw failure(path) }
                if count == 0 { return (try hash.finish(), length) }
                try hash.update(Array(piece.prefix(count)))
                length += UInt64(count)
            }
        } catch let error as RegistryError {
            throw error
        } catch {
            throw RegistryError(wrapping: error)
        }
    }

    /// Writes a new file that only its owner reads, and brings it to the disk.
    static func write(_ bytes: [UInt8], to path: String) throws(RegistryError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw failure(path) }
            rest = rest.dropFirst(count)
        }
        guard fsync(descriptor) == 0 else { throw failure(path) }
    }

    /// Copies a file into a new one that only its owner reads, and brings it to the disk.
    static func copy(_ source: String, to path: String) throws(RegistryError) {
        let reading = open(source, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard reading >= 0 else { throw failure(source) }
        defer { close(reading) }
        let writing = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard writing >= 0 else { throw failure(path) }
        defer { close(writing) }
        var piece = [UInt8](repeating: 0, count: pieceLength)
        while true {
            let count = read(reading, &piece, piece.count)
            guard count >= 0 else { throw failure(source) }
            if count == 0 { break }
            var done = 0
            while done < count {
                let written = piece.withUnsafeBytes {
                    Glibc.write(writing, $0.baseAddress?.advanced(by: done), count - done)
                }
                guard written > 0 else { throw failure(path) }
                done += written
            }
        }
        guard fsync(writing) == 0 else { throw failure(path) }
    }

    /// Makes new names in a folder, or the contents of a file, outlive a power cut.
    static func bringToDisk(_ path: String) throws(RegistryError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure(path) }
    }

    /// What the system says of a path.
    static func failure(_ path: String) -> RegistryError {
        .backup(.file(path, reason: RegistryDirectory.lastError()))
    }

    /// A folder's path without the slashes at its end, so that a name beside it can be made.
    static func plain(_ path: String) -> String {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }

    /// The folder that a path stands in.
    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}

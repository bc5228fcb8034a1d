import ByteText
import CardCryptography
import Foundation
import Glibc

/// What a counter has beside its registry and wants back with it: its operators, printed slips and terms, its open issues and owed fees
/// with the key that opens their PINs and photos, PIN services that the log does not have yet, acts that wait for a second person, and
/// the tries that cards have lost here.
///
/// `SCO1` ‖ AES-256-GCM box under the registry's sealing key, which `keys.sealed` holds, over one entry a file: length of the path below the
/// data folder (2), the path in UTF-8, length of the file (4), the file.
enum BackupOffice {
    static let fileName = "office.sealed"
    private static let magic = Array("SCO1".utf8)
    private static let folders = ["operators", "issue", "issue/fees", "journal", "waiting", "tries"]
    /// A file of this kind is never longer.
    private static let fileLimit = 1 << 28

    /// Whether a file of one of the folders belongs to a backup.
    ///
    /// Keys of forms that were sent say nothing of another log; journals of cards in the making, ended issues and ended waiting acts stay
    /// where they are.
    private static func isKept(_ name: String, in folder: String) -> Bool {
        switch folder {
        case "operators": !name.hasPrefix("once-")
        case "waiting": name.hasSuffix(".act")
        case "tries": name.hasSuffix(".visits")
        case "issue", "issue/fees": name.hasSuffix(".issue") || name.hasSuffix(".photo")
        default: name == "journal.key" || (name.contains(".pin-") && !name.hasSuffix(".new"))
        }
    }

    /// Seals the files of a data folder, as each is at this moment; none where there are none.
    static func seal(_ data: String, under key: borrowing SecretBytes) throws(RegistryError) -> [UInt8] {
        var entries: [(path: [UInt8], bytes: [UInt8])] = []
        for folder in folders {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(data)/\(folder)")) ?? []
            for name in names.sorted() where isKept(name, in: folder) {
                // What was finished or put away since its name was read is no longer there.
                guard let bytes = try read("\(data)/\(folder)/\(name)") else { continue }
                entries.append((Array("\(folder)/\(name)".utf8), bytes))
            }
        }
        let length = entries.reduce(0) { $0 + 2 + $1.path.count + 4 + $1.bytes.count }
        let plain = SecretBytes.filling(count: length) { span in
            var place = 0
            func put(_ byte: UInt8, _ span: inout MutableSpan<UInt8>) {
                span[place] = byte
                place += 1
            }
            for entry in entries {
                for byte in UInt16(entry.path.count).bigEndianBytes + entry.path { put(byte, &span) }
                for byte in UInt32(entry.bytes.count).bigEndianBytes { put(byte, &span) }
                for byte in entry.bytes { put(byte, &span) }
            }
        }
        // A key is among them.
        for index in entries.indices { wipe(&entries[index].bytes) }
        do {
            return magic
                + (try plain.withSpan { (plain) throws(CryptographyError) in
                    try key.withSpan { (key) throws(CryptographyError) in
                        try SealedBox.seal(plain, key: key, header: magic)
                    }
                })
        } catch {
            throw .cryptography(error)
        }
    }

    /// Writes the files into a data folder that has none of them.
    ///
    /// - Throws: `altered` for anything that ``seal(_:under:)`` did not make.
    static func open(
        _ sealed: [UInt8], under key: borrowing SecretBytes, into data: String
    ) throws(RegistryError) {
        guard sealed.starts(with: magic) else { throw .backup(.altered(file: fileName)) }
        let plain: SecretBytes
        do {
            plain = try key.withSpan { (key) throws(CryptographyError) in
                try SealedBox.open(Array(sealed.dropFirst(magic.count)), key: key, header: magic)
            }
        } catch {
            throw .backup(.altered(file: fileName))
        }
        var place = 0
        func take(_ count: Int) throws(RegistryError) -> [UInt8] {
            guard count >= 0, count <= plain.count - place else { throw .backup(.altered(file: fileName)) }
            defer { place += count }
            return plain.withSpan { span in (place..<place + count).map { span[$0] } }
        }
        func number(_ bytes: [UInt8]) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }
        while place < plain.count {
            let path = String(decoding: try take(number(try take(2))), as: UTF8.self)
            var bytes = try take(number(try take(4)))
            defer { wipe(&bytes) }
            guard let slash = path.lastIndex(of: "/"), folders.contains(String(path[..<slash])),
                isKept(String(path[path.index(after: slash)...]), in: String(path[..<slash]))
            else { throw .backup(.altered(file: fileName)) }
            try makeFolder(data, String(path[..<slash]))
            try BackupFile.write(bytes, to: data + "/" + path)
        }
        for folder in folders where FileManager.default.fileExists(atPath: data + "/" + folder) {
            try BackupFile.bringToDisk(data + "/" + folder)
        }
    }

    private static func wipe(_ bytes: inout [UInt8]) {
        for index in bytes.indices { bytes[index] = 0 }
    }

    private static func makeFolder(_ data: String, _ folder: String) throws(RegistryError) {
        var path = data
        for part in folder.split(separator: "/") {
            path += "/" + part
            guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw BackupFile.failure(path) }
        }
    }

    /// A plain file's bytes; nil when there is none by that name, and for what is no plain file.
    private static func read(_ path: String) throws(RegistryError) -> [UInt8]? {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            guard [ENOENT, ELOOP, ENXIO].contains(errno) else { throw BackupFile.failure(path) }
            return nil
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw BackupFile.failure(path) }
        guard status.st_mode & S_IFMT == S_IFREG else { return nil }
        guard status.st_size <= fileLimit else { throw .backup(.file(path, reason: "too long")) }
        // A file that only grows has at least what it had a moment ago.
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done)
            }
            guard count > 0 else { throw BackupFile.failure(path) }
            done += count
        }
        return bytes
    }
}

import CardData
import Foundation
import Glibc
import Synchronization

/// The directory of one registry (mode 0700), held by one process at a time.
final class RegistryDirectory: Sendable {
    let path: String
    /// Whether the last process that had the registry let go of it in order, or none had.
    let endedCleanly: Bool
    /// What is known of the registry at this use's end.
    let use = Use()
    private let lock: CInt

    /// Whether a registry was found in order: then a clean end takes the owner's name out of the lock, and a killed process leaves it.
    ///
    /// Apart from the directory, which whoever notes it need not hold.
    final class Use: Sendable {
        private let state = Mutex(false)

        var wasInOrder: Bool { state.withLock { $0 } }

        func noteInOrder() { state.withLock { $0 = true } }

        /// A fault was found after all: the next start looks at every page before anything is written.
        func noteFault() { state.withLock { $0 = false } }
    }

    /// Makes the directory where it is missing and takes its lock; a second taker is told who has it.
    init(path: String) throws(RegistryError) {
        self.path = path
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw .directory(path, reason: error.systemReason(at: path))
        }
        try Self.close(path)
        let lockPath = path + "/registry.lock"
        lock = Glibc.open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else { throw .directory(path, reason: Self.lastError()) }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            let owner = (try? String(contentsOfFile: lockPath, encoding: .utf8)) ?? ""
            Glibc.close(lock)
            throw .inUse(directory: path, process: owner.trimmingCharacters(in: .whitespacesAndNewlines))
        }
        var status = stat()
        endedCleanly = fstat(lock, &status) == 0 && status.st_size == 0
        let text = "pid \(getpid())\n"
        _ = ftruncate(lock, 0)
        _ = text.withCString { pwrite(lock, $0, strlen($0), 0) }
    }

    deinit {
        // A clean end: whoever comes next need not look at every page.
        if use.wasInOrder { _ = ftruncate(lock, 0) }
        Glibc.close(lock)
    }

    /// What other rooms may have put into a data folder before its registry is made.
    private static let neighbours: Set<String> = [
        "issue", "journal", "key-log", "keys", "operators", "pin-slips", "queue", "tries", RegistryUse.folderMark,
    ]

    /// Shuts the directory to others, but only one that is a registry's or holds nothing of anybody else: a mistyped path must not
    /// change the rights of a folder that others use.
    private static func close(_ path: String) throws(RegistryError) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        let foreign = names.contains("registry.lock") ? [] : Set(names).subtracting(neighbours)
        guard foreign.isEmpty else { throw .foreignFiles(path, names: foreign.sorted()) }
        guard chmod(path, 0o700) == 0 else { throw .directory(path, reason: lastError()) }
    }

    /// New names in the directory outlive a power cut only after this.
    func bringToDisk() throws(RegistryError) {
        let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .directory(path, reason: Self.lastError()) }
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .directory(path, reason: Self.lastError()) }
    }

    /// The path of a file in the directory.
    func file(_ name: String) -> String { path + "/" + name }

    static func lastError() -> String { String(cString: strerror(errno)) }
}

import ByteText
import CardCryptography
import Glibc

/// Starting a log, and opening one that is there.
extension KeyLog {
    /// Starts the log of a folder: a new checkpoint key, and the first entries, which name it and are signed by it.
    ///
    /// - Parameters:
    ///   - lock: what the key is sealed with.
    ///   - clock: milliseconds since 1970 UTC.
    /// - Throws: `startedAlready`; `removed` when the folder has a checkpoint key and no log: somebody took the log away.
    public static func start(
        in folder: String, lock: CheckpointLock, clock: @escaping @Sendable () -> UInt64
    ) throws(KeyLogError) -> KeyLog {
        try keepingOthersOut(of: folder) { () throws(KeyLogError) in
            guard try !isBegun(in: folder) else { throw .startedAlready(folder) }
            return try begin(in: folder, lock, clock)
        }
    }

    /// Opens the log of a folder; a folder without one gets one where `startingIfEmpty`.
    ///
    /// Only what was written after the last checkpoint is read and checked; ``KeyLogVerification`` checks all of it.
    ///
    /// - Parameters:
    ///   - lock: what opens the checkpoint key.
    ///   - clock: milliseconds since 1970 UTC.
    /// - Throws: `notStarted`, `removed`, `altered`, `keyUnfit`, `keyOpen`, `keyNotOpened`, `cannotWrite`.
    public static func open(
        in folder: String, startingIfEmpty: Bool, lock: CheckpointLock, clock: @escaping @Sendable () -> UInt64
    ) throws(KeyLogError) -> KeyLog {
        guard try !isBegun(in: folder) else { return try takeUp(in: folder, lock, clock) }
        guard startingIfEmpty else { throw .notStarted(folder) }
        return try keepingOthersOut(of: folder) { () throws(KeyLogError) in
            guard try !isBegun(in: folder) else { return try takeUp(in: folder, lock, clock) }
            return try begin(in: folder, lock, clock)
        }
    }

    /// Whether the checkpoint key of a folder's log lies open on the disk; false where there is none.
    ///
    /// - Throws: `keyUnfit`.
    public static func keyLiesOpen(in folder: String) throws(KeyLogError) -> Bool {
        let path = folder + "/" + CheckpointKey.fileName
        return access(path, F_OK) == 0 ? try CheckpointKey(path).liesOpen : false
    }

    /// Whether a folder has a log: a file with a line, or a checkpoint key that has taken its place, which is behind the first signature.
    ///
    /// - Throws: `removed` for such a key without a file.
    private static func isBegun(in folder: String) throws(KeyLogError) -> Bool {
        let path = folder + "/" + fileName
        let hasKey = access(folder + "/" + CheckpointKey.fileName, F_OK) == 0
        guard access(path, F_OK) == 0 else {
            guard !hasKey else { throw .removed(path) }
            return false
        }
        if hasKey { return true }
        return try KeyLogFile(path, reading: true).read(0..<KeyLogLine.longest).contains(KeyLogLine.lineEnd)
    }

    /// The key takes its place behind the log's first signature, as in a rollover: whatever is cut off before, the next program begins
    /// again or ends.
    private static func begin(
        in folder: String, _ lock: CheckpointLock, _ clock: @escaping @Sendable () -> UInt64
    ) throws(KeyLogError) -> KeyLog {
        let path = folder + "/" + fileName
        let key = try cryptographic { () throws(CryptographyError) in try SM2.SigningKey.generate() }
        try CheckpointKey.write(key, CheckpointKey.nextFileName, in: folder, lock)
        // what a program left that died over its first line
        unlink(path)
        var state = State(
            file: try KeyLogFile(path, creating: true), lock: lock, key: key, keyLiesOpen: false,
            replay: KeyLogReplay(from: key.verificationKey), length: 0, hashing: try hashing())
        try state.file.lock()
        let time = clock()
        try write(.start, [KeyLogEntry.Field("key", key.verificationKey.point.hexadecimal)], time, &state)
        try finishRollover(time, &state, in: folder)
        state.file.unlock()
        state.hasWritten = false
        return KeyLog(state, folder: folder, clock: clock)
    }

    private static func takeUp(
        in folder: String, _ lock: CheckpointLock, _ clock: @escaping @Sendable () -> UInt64
    ) throws(KeyLogError) -> KeyLog {
        let path = folder + "/" + fileName
        let file = try KeyLogFile(path, creating: false)
        // given back below, or with the file, which a failure closes
        try file.lock()
        let end = try file.length()
        var begin = 0
        // a log without a checkpoint can be a start alone
        var replay = KeyLogReplay(from: nil)
        if let (checkpoint, next) = try lastCheckpoint(file, end) {
            begin = next
            let signer = try signer(of: checkpoint, in: folder)
            do throws(KeyLogReplay.Flaw) {
                replay = try KeyLogReplay(at: checkpoint, key: signer.verificationKey)
            } catch {
                throw .altered(path, line: checkpoint.entry.sequence)
            }
        }
        let bytes = try file.read(begin..<end)
        let taken = try replay.take(linesOf: bytes, path)
        guard replay.sequence > 0 else { throw .altered(path, line: 1) }
        // a key takes its place behind its first signature: with one there, a log without any was cut by somebody
        guard begin > 0 || access(folder + "/" + CheckpointKey.fileName, F_OK) != 0 else {
            throw .altered(path, line: 2)
        }
        // after a stop in the middle of a rollover another key counts than the one that signed last
        let stored = try CheckpointKey.stored(as: replay.key, in: folder)
        var state = State(
            file: file, lock: lock, key: try stored.open(lock), keyLiesOpen: stored.liesOpen, replay: replay,
            length: begin + taken, hashing: try hashing())
        try mend(&state, dropping: bytes.count - taken, in: folder)
        state.file.unlock()
        return KeyLog(state, folder: folder, clock: clock)
    }

    /// The key of the last checkpoint: after a crash while the key was rolled over, or begun with, it is the next one, which takes its
    /// place now.
    private static func signer(
        of checkpoint: KeyLogLineParts, in folder: String
    ) throws(KeyLogError) -> CheckpointKey {
        guard let next = try? CheckpointKey(folder + "/" + CheckpointKey.nextFileName),
            (try? KeyLogReplay(at: checkpoint, key: next.verificationKey)) != nil
        else { return try CheckpointKey(folder + "/" + CheckpointKey.fileName) }
        try CheckpointKey.publish(next.verificationKey, in: folder)
        try CheckpointKey.promote(next.verificationKey, in: folder)
        return next
    }

    /// The last checkpoint and where the entry after it begins, sought from the end; nil where there is none.
    private static func lastCheckpoint(
        _ file: borrowing KeyLogFile, _ end: Int
    ) throws(KeyLogError) -> (KeyLogLineParts, Int)? {
        var size = 64 * 1024
        while true {
            let start = max(0, end - size)
            let bytes = try file.read(start..<end)
            // the first line may have lost its beginning
            var lineEnd = bytes.endIndex
            while let at = bytes[..<lineEnd].lastIndex(of: KeyLogLine.lineEnd) {
                let begin = bytes[..<at].lastIndex(of: KeyLogLine.lineEnd).map { $0 + 1 }
                guard begin != nil || start == 0 else { break }
                if let parts = KeyLogLineParts(bytes[(begin ?? 0)..<at]), parts.entry.kind == .checkpoint {
                    return (parts, start + at + 1)
                }
                lineEnd = at
            }
            guard start > 0 else { return nil }
            size *= 4
        }
    }

    private static func hashing() throws(KeyLogError) -> IncrementalHash {
        try cryptographic { () throws(CryptographyError) in try IncrementalHash(.sm3) }
    }

    /// Makes the folder, and keeps other processes from starting a log in it at the same time.
    private static func keepingOthersOut(
        of folder: String, _ body: () throws(KeyLogError) -> KeyLog
    ) throws(KeyLogError) -> KeyLog {
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
            throw .cannotWrite(folder, reason: KeyLogFile.reason)
        }
        let descriptor = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0, flock(descriptor, LOCK_EX) == 0 else {
            throw .cannotWrite(folder, reason: KeyLogFile.reason)
        }
        defer { Glibc.close(descriptor) }
        return try body()
    }
}

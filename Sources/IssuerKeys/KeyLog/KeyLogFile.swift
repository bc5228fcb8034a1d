import Glibc

/// The file of the key log: appended to under a lock that all processes keep, and watched for removal.
struct KeyLogFile: ~Copyable {
    private let descriptor: Int32
    let path: String
    private let device: UInt
    private let node: UInt

    /// Opens the file, or makes it; for `reading` alone it need not be one's own.
    init(_ path: String, creating: Bool = false, reading: Bool = false) throws(KeyLogError) {
        let flags =
            reading
            ? O_RDONLY | O_CLOEXEC : O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | (creating ? O_CREAT | O_EXCL : 0)
        let descriptor = open(path, flags, 0o600)
        guard descriptor >= 0 else {
            if errno == EEXIST { throw .startedAlready(path) }
            throw errno == ENOENT ? .removed(path) : .cannotWrite(path, reason: Self.reason)
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .cannotWrite(path, reason: "no regular file")
        }
        self.descriptor = descriptor
        self.path = path
        device = UInt(status.st_dev)
        node = UInt(status.st_ino)
    }

    deinit { close(descriptor) }

    static var reason: String { String(cString: strerror(errno)) }

    /// Keeps all other processes out; waits for one that is writing.
    borrowing func lock() throws(KeyLogError) {
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw .cannotWrite(path, reason: Self.reason) }
        }
    }

    borrowing func unlock() { flock(descriptor, LOCK_UN) }

    /// How long the file is that stands at the path now.
    ///
    /// - Throws: `removed` when it is not the one that was opened.
    borrowing func length() throws(KeyLogError) -> Int {
        var status = stat()
        guard stat(path, &status) == 0, UInt(status.st_dev) == device, UInt(status.st_ino) == node else {
            throw .removed(path)
        }
        return Int(status.st_size)
    }

    /// Writes at the end; what could be written of a line that did not fit is taken away again.
    borrowing func append(_ bytes: [UInt8], at length: Int) throws(KeyLogError) {
        let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard count == bytes.count else {
            let reason = count < 0 ? Self.reason : String(cString: strerror(ENOSPC))
            if count > 0 { ftruncate(descriptor, off_t(length)) }
            throw .cannotWrite(path, reason: reason)
        }
    }

    /// Takes away what stands behind a length.
    borrowing func cut(to length: Int) throws(KeyLogError) {
        guard ftruncate(descriptor, off_t(length)) == 0 else { throw .cannotWrite(path, reason: Self.reason) }
    }

    /// Sees to it that there is room for so many bytes more, so that a full disk shows before a key is used.
    borrowing func checkRoom(for count: Int) throws(KeyLogError) {
        var system = statvfs()
        guard fstatvfs(descriptor, &system) == 0 else { throw .cannotWrite(path, reason: Self.reason) }
        guard UInt64(system.f_bavail) * UInt64(system.f_frsize) >= UInt64(count) else {
            throw .cannotWrite(path, reason: String(cString: strerror(ENOSPC)))
        }
    }

    /// Waits until everything is on the disk.
    borrowing func makeDurable() throws(KeyLogError) {
        guard fdatasync(descriptor) == 0 else { throw .cannotWrite(path, reason: Self.reason) }
    }

    /// Waits until a folder's names are on the disk.
    static func makeDurable(folder: String) throws(KeyLogError) {
        let descriptor = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .cannotWrite(folder, reason: reason) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .cannotWrite(folder, reason: reason) }
    }

    /// The bytes of a range, fewer where the file ends.
    borrowing func read(_ range: Range<Int>) throws(KeyLogError) -> [UInt8] {
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
            while count < range.count {
                let got = pread(
                    descriptor, buffer.baseAddress?.advanced(by: count), range.count - count,
                    off_t(range.lowerBound + count))
                guard got > 0 else {
                    failed = got < 0
                    return
                }
                count += got
            }
        }
        if failed { throw .cannotWrite(path, reason: Self.reason) }
        return bytes
    }
}

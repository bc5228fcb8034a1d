import Glibc

/// How long this disk takes to bring one short line to rest: what a journal waits for, measured as C would do it.
///
/// As the journal does, the line goes into room that was written before, so that the file system's own journal is not waited for.
struct DiskWait {
    private static let room = 16_384
    private let descriptor: Int32

    /// Waits in a folder of the disk that is measured.
    init(folder: String) throws {
        let path = folder + "/wait"
        descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        let zeros = [UInt8](repeating: 0, count: Self.room)
        guard descriptor >= 0, write(descriptor, zeros, zeros.count) == zeros.count, fsync(descriptor) == 0 else {
            throw BenchError.missing(path)
        }
    }

    /// Microseconds for a line and the wait for it, the mean of `count`.
    func microseconds(count: Int) throws -> Double {
        let line = Array("! 0\n".utf8)
        let stopwatch = Stopwatch()
        for index in 0..<count {
            guard pwrite(descriptor, line, line.count, index * line.count) == line.count, fdatasync(descriptor) == 0
            else { throw BenchError.void("the disk does not take a line") }
        }
        return stopwatch.microseconds / Double(count)
    }
}

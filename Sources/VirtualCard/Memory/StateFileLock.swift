import Glibc

/// A card's state file in use by one process: two that write it would each undo what the other wrote.
///
/// The lock is a file beside it, `PATH.lock`, for the state file itself is replaced at every write; it goes with the last use, and one that a
/// killed process left holds nobody up. Where no file can be made beside it, nothing can be written either, and no lock is taken.
public final class StateFileLock: Sendable {
    private let path: String
    private let descriptor: Int32

    /// Takes the lock; throws `inUse` when somebody has it.
    public init(stateFile: String) throws(StateFileError) {
        path = stateFile + ".lock"
        while true {
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                let isTaken = descriptor >= 0 && errno == EWOULDBLOCK
                if descriptor >= 0 { close(descriptor) }
                guard !isTaken else { throw .inUse(stateFile) }
                self.descriptor = -1
                return
            }
            // Whoever had it before may have taken the name away between the opening and the lock.
            var (held, named) = (stat(), stat())
            if fstat(descriptor, &held) == 0, lstat(path, &named) == 0, held.st_ino == named.st_ino {
                self.descriptor = descriptor
                return
            }
            close(descriptor)
        }
    }

    deinit {
        guard descriptor >= 0 else { return }
        unlink(path)
        close(descriptor)
    }
}

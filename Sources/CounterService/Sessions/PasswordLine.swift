import CardData
import Synchronization

/// The line before the one thread that looks at passwords: what a password costs (scrypt) is for whoever guesses, and no crowd of guessers
/// makes everybody else wait without end.
final class PasswordLine: Sendable {
    /// So many wait at most: the windows of a large office, all at once.
    static let limit = 16
    /// How many seconds whoever is turned away is told to wait: longer than the whole line takes.
    static let seconds = 5

    private let waiting = Mutex(0)
    private let thread = RegistryThreads(count: 1)

    /// How many wait, with the one whose turn it is.
    var count: Int { waiting.withLock { $0 } }

    /// Does work when its turn comes, one after the other.
    ///
    /// - Throws: `counter.login-busy` at once where the line is full, and what `body` throws.
    func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        let isFull = waiting.withLock { waiting in
            guard waiting < Self.limit else { return true }
            waiting += 1
            return false
        }
        guard !isFull else { throw Faults("counter.login-busy", ["seconds": String(Self.seconds)]) }
        defer { waiting.withLock { $0 -= 1 } }
        return try await thread.run(body)
    }
}

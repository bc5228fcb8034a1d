import CardData
import Synchronization

/// The line before the one thread that looks at passwords: what a password costs (scrypt) is for whoever guesses, and no crowd of guessers
/// makes everybody else wait without end.
///
/// One place in the network has a few places in the line, one from which wrong passwords came has one, and all of these together no more
/// than half of it: the rest stays free for whoever only wants to work.
final class PasswordLine: Sendable {
    /// So many wait at most: the windows of a large office, all at once.
    static let limit = 16
    /// So many of them from one address: several people log in at one machine.
    static let share = 4
    /// So many of them from addresses that guess, taken together.
    static let suspectLimit = 8
    /// How many seconds whoever is turned away is told to wait: longer than the whole line takes.
    static let seconds = 5

    private struct State {
        var all = 0
        var suspect = 0
        var places: [LoginPlace: Int] = [:]
    }

    private let state = Mutex(State())
    private let thread = RegistryThreads(count: 1)

    /// How many wait, with the one whose turn it is.
    var count: Int { state.withLock { $0.all } }

    /// Does work when its turn comes, one after the other.
    ///
    /// - Parameters:
    ///   - place: from where it is asked for.
    ///   - isSuspect: whether wrong passwords came from there.
    /// - Throws: `counter.login-busy` at once where the line is full, or has as many from this place as it takes, and what `body` throws.
    func run<Value: Sendable>(
        from place: LoginPlace, isSuspect: Bool = false, _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        let isFull = state.withLock { state in
            guard state.all < Self.limit, !isSuspect || state.suspect < Self.suspectLimit else { return true }
            if place != .untold {
                guard state.places[place, default: 0] < (isSuspect ? 1 : Self.share) else { return true }
            }
            state.all += 1
            if isSuspect { state.suspect += 1 }
            state.places[place, default: 0] += 1
            return false
        }
        guard !isFull else { throw Faults("counter.login-busy", ["seconds": String(Self.seconds)]) }
        defer {
            state.withLock { state in
                state.all -= 1
                if isSuspect { state.suspect -= 1 }
                let left = state.places[place, default: 1] - 1
                state.places[place] = left > 0 ? left : nil
            }
        }
        return try await thread.run(body)
    }
}

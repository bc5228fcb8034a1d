import CardData
import Synchronization

/// Slows down whoever guesses passwords: after some wrong ones in a row a number has to wait at the place where it was tried, and ever
/// longer; a place where many numbers were tried waits as a whole.
///
/// What is guessed at one place keeps nobody waiting at another, so nobody can be locked out from afar. Numbers that nobody has wait as
/// well, so that waiting tells nothing.
final class LoginGuard: Sendable {
    private struct Record {
        var wrong = 0
        var lastWrong: UInt64 = 0
        var openAgain: UInt64 = 0
    }

    private struct NumberAtPlace: Hashable {
        let number: UInt64
        let place: LoginPlace
    }

    private struct State {
        var numbers: [NumberAtPlace: Record] = [:]
        var places: [LoginPlace: Record] = [:]
    }

    private let state = Mutex(State())
    private let tries: Int
    private let firstWait: UInt64
    private let clock: @Sendable () -> UInt64
    private static let longestWait: UInt64 = 3_600_000
    /// After so long nothing is held against a place any more.
    private static let memory: UInt64 = 86_400_000
    /// A place has so many times the tries of one number: several people log in at one machine.
    static let numbersOfAPlace = 8
    /// More than an office ever has of either; beyond them those that wait least are forgotten.
    static let limit = 10_000

    init(tries: Int, waitSeconds: Int, clock: @escaping @Sendable () -> UInt64) {
        self.tries = tries
        firstWait = UInt64(waitSeconds) * 1000
        self.clock = clock
    }

    /// How many records are kept, of numbers and of places.
    var count: Int { state.withLock { $0.numbers.count + $0.places.count } }

    /// How many seconds the number has to wait at this place; nil when it may try now.
    func wait(of number: UInt64, at place: LoginPlace) -> Int? {
        let now = clock()
        let open = state.withLock { state in
            let ofNumber = state.numbers[NumberAtPlace(number: number, place: place)]?.openAgain ?? 0
            return max(ofNumber, state.places[place]?.openAgain ?? 0)
        }
        return open > now ? Int((open - now + 999) / 1000) : nil
    }

    /// Throws `counter.login-wait` while the number has to wait at this place.
    func demandNoWait(of number: UInt64, at place: LoginPlace) throws(Faults) {
        guard let wait = wait(of: number, at: place) else { return }
        throw Faults("counter.login-wait", ["seconds": String(wait)])
    }

    /// Whether as many wrong passwords came from this place as make a number wait, whatever numbers they were for.
    func isSuspect(_ place: LoginPlace) -> Bool { state.withLock { $0.places[place]?.wrong ?? 0 } >= tries }

    /// Notes how a try went.
    ///
    /// The right password takes back what was wrong before it, and nothing of what was tried for other numbers: whoever has a number
    /// of their own does not buy guesses with it.
    func note(_ number: UInt64, at place: LoginPlace, isRight: Bool) {
        let now = clock()
        let key = NumberAtPlace(number: number, place: place)
        state.withLock { state in
            guard !isRight else {
                let taken = state.numbers.removeValue(forKey: key)?.wrong ?? 0
                if let wrong = state.places[place]?.wrong { state.places[place]?.wrong = max(0, wrong - taken) }
                return
            }
            count(&state.numbers, key, after: tries, at: now)
            // Of a place that stands for everybody nothing can be said.
            guard place != .untold else { return }
            if let last = state.places[place]?.lastWrong, last + Self.memory <= now { state.places[place] = nil }
            count(&state.places, place, after: tries * Self.numbersOfAPlace, at: now)
        }
    }

    private func count<Key>(_ records: inout [Key: Record], _ key: Key, after most: Int, at now: UInt64) {
        if records.count >= Self.limit, records[key] == nil { Self.thin(&records, at: now) }
        var record = records[key] ?? Record()
        record.wrong += 1
        record.lastWrong = now
        if record.wrong >= most {
            let doublings = min(record.wrong - most, 12)
            record.openAgain = now + min(firstWait << UInt64(doublings), Self.longestWait)
        }
        records[key] = record
    }

    /// Keeps the half that waits longest; those that do not wait go first.
    private static func thin<Key>(_ records: inout [Key: Record], at now: UInt64) {
        let waiting = records.filter { $0.value.openAgain > now }
        guard waiting.count > limit / 2 else {
            records = waiting
            return
        }
        let longest = waiting.sorted { $0.value.openAgain > $1.value.openAgain }.prefix(limit / 2)
        records = Dictionary(longest.map { ($0.key, $0.value) }) { first, _ in first }
    }
}

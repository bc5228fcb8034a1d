import Synchronization

/// Slows down whoever guesses passwords: after some wrong ones in a row a number has to wait, and ever longer.
///
/// Numbers that nobody has wait as well, so that waiting tells nothing.
final class LoginGuard: Sendable {
    private struct Record {
        var wrong = 0
        var openAgain: UInt64 = 0
    }

    private let records = Mutex<[UInt64: Record]>([:])
    private let tries: Int
    private let firstWait: UInt64
    private let clock: @Sendable () -> UInt64
    private static let longestWait: UInt64 = 3_600_000
    /// More numbers than a counter ever has; beyond them the ones that do not wait are forgotten.
    private static let limit = 10_000

    init(tries: Int, waitSeconds: Int, clock: @escaping @Sendable () -> UInt64) {
        self.tries = tries
        firstWait = UInt64(waitSeconds) * 1000
        self.clock = clock
    }

    /// How many seconds the number has to wait; nil when it may try now.
    func wait(of number: UInt64) -> Int? {
        let now = clock()
        let open = records.withLock { $0[number]?.openAgain ?? 0 }
        return open > now ? Int((open - now + 999) / 1000) : nil
    }

    /// Notes how a try went.
    func note(_ number: UInt64, isRight: Bool) {
        let now = clock()
        records.withLock { records in
            guard !isRight else {
                records[number] = nil
                return
            }
            if records.count >= Self.limit { records = records.filter { $0.value.openAgain > now } }
            var record = records[number] ?? Record()
            record.wrong += 1
            if record.wrong >= tries {
                let doublings = min(record.wrong - tries, 12)
                record.openAgain = now + min(firstWait << UInt64(doublings), Self.longestWait)
            }
            records[number] = record
        }
    }
}

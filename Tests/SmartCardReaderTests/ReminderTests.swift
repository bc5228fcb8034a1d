import SmartCardReader
import Synchronization
import Testing

/// A clock that goes on only when it is told to.
final class StoppedClock: Clock, Sendable {
    struct Instant: InstantProtocol {
        var offset = Duration.zero
        func advanced(by duration: Duration) -> Self { Self(offset: offset + duration) }
        func duration(to other: Self) -> Duration { other.offset - offset }
        static func < (left: Self, right: Self) -> Bool { left.offset < right.offset }
    }

    private let time = Mutex(Instant())
    var now: Instant { time.withLock { $0 } }
    var minimumResolution: Duration { .zero }

    func advance(by duration: Duration) { time.withLock { $0 = $0.advanced(by: duration) } }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {}
}

/// Through the real pcscd, which is asked for a slot that nobody puts a card into before the reminder is due.
@Suite(.enabled(if: hasReaders), .timeLimit(.minutes(2)))
struct ReminderTests {
    @Test func whoeverWaitsIsRemindedOnceAndTheWaitGoesOn() async throws {
        let slot = 11
        let readers = try ReaderList.current()
        try #require(readers.count > slot)
        let reader = SmartCardReader(readers[slot].name)
        let clock = StoppedClock()
        let told = Mutex<[WaitingNotice]>([])
        let looks = Mutex(0)
        let reminded = AsyncStream<Void>.makeStream()
        let waiting = Task {
            try await reader.waitForCard(
                slice: .milliseconds(50),
                reminder: Reminder(after: .seconds(15), clock: CountingClock(clock) { looks.withLock { $0 += 1 } }),
                notice: { notice in
                    told.withLock { $0.append(notice) }
                    reminded.continuation.finish()
                })
        }
        while looks.withLock({ $0 }) < 1 { await Task.yield() }  // the wait has begun
        // Not before its time, however often the wait looks around.
        clock.advance(by: .seconds(14))
        while looks.withLock({ $0 }) < 5 { await Task.yield() }
        #expect(told.withLock { $0.isEmpty })
        clock.advance(by: .seconds(1))
        for await _ in reminded.stream {}
        let seen = looks.withLock { $0 }
        clock.advance(by: .seconds(100))
        let inserted = try InsertedCard(slot: slot)
        #expect(try await waiting.value.isCardPresent)
        #expect(told.withLock { $0 } == [.stillEmpty(reader.name)])
        #expect(seen > 0)
        inserted.pull()
    }
}

/// A clock that says how often it was read.
private struct CountingClock: Clock {
    typealias Instant = StoppedClock.Instant
    private let clock: StoppedClock
    private let note: @Sendable () -> Void

    init(_ clock: StoppedClock, note: @escaping @Sendable () -> Void) {
        self.clock = clock
        self.note = note
    }

    var now: Instant {
        note()
        return clock.now
    }
    var minimumResolution: Duration { .zero }
    func sleep(until deadline: Instant, tolerance: Duration?) async throws {}
}

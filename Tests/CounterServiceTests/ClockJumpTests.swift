import Lifecycle
import Synchronization
import Testing

@testable import CounterService

/// Time-outs and waits hang on the steady clock; on the wall's they would fall with its first jump.
@Suite struct ClockJumpTests {
    private static let day: UInt64 = 86_400_000

    /// Both clocks of a counter, whose wall jumps while the steady one goes on.
    private final class Time: Sendable {
        private let wall = Mutex<UInt64>(1_790_000_000_000)
        private let steady = Mutex<UInt64>(5000)

        var clocks: CounterClocks {
            CounterClocks(wall: { self.wall.withLock { $0 } }, steady: { self.steady.withLock { $0 } })
        }

        func pass(_ milliseconds: UInt64) {
            wall.withLock { $0 += milliseconds }
            steady.withLock { $0 += milliseconds }
        }

        func setWall(forward milliseconds: UInt64) { wall.withLock { $0 += milliseconds } }

        func setWall(back milliseconds: UInt64) { wall.withLock { $0 -= milliseconds } }
    }

    /// Whether a session of ten idle minutes is open after the wall was set on a day, and after it was set back and an hour passed.
    private func session(on clock: (CounterClocks) -> @Sendable () -> UInt64) throws -> (forward: Bool, back: Bool) {
        let person = Operator(number: 1001, name: "张一", roles: [.teller])
        func isOpen(_ jump: (Time) -> Void) throws -> Bool {
            let time = Time()
            let table = SessionTable(idleMinutes: 10, clock: clock(time.clocks))
            let session = try table.open(for: person)
            jump(time)
            return table.touch(session.identifier) != nil
        }
        return (
            try isOpen { $0.setWall(forward: Self.day) },
            try isOpen { time in
                time.setWall(back: Self.day)
                time.pass(3_600_000)
            }
        )
    }

    @Test func aJumpNeitherEndsASessionNorKeepsOneOpen() throws {
        let found = try session { $0.steady }
        #expect(found.forward)
        #expect(!found.back)
    }

    @Test func onTheWallsClockItWouldDoBoth() throws {
        let found = try session { $0.wall }
        #expect(!found.forward)
        #expect(found.back)
    }

    /// Seconds that a guesser has to wait after the wall was set on a day.
    private func wait(on clock: (CounterClocks) -> @Sendable () -> UInt64) -> Int? {
        let time = Time()
        let guardian = LoginGuard(tries: 3, waitSeconds: 30, clock: clock(time.clocks))
        for _ in 0..<3 { guardian.note(1001, at: .untold, isRight: false) }
        time.setWall(forward: Self.day)
        return guardian.wait(of: 1001, at: .untold)
    }

    @Test func whoeverGuessesWaitsWhateverTheWallsClockSays() {
        #expect(wait { $0.steady } == 30)
        #expect(wait { $0.wall } == nil, "on the wall's clock setting it would be a way past the wait")
    }
}

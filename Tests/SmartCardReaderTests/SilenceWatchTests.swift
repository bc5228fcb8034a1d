import Synchronization
import Testing

@testable import SmartCardReader

/// Who waits for a card's answer is told once in a while of ten seconds, on a clock that the tests set.
@Suite struct SilenceWatchTests {
    private static let second: UInt64 = 1_000_000_000

    /// A watch of ten seconds whose clock stands where it is put, and how often it told.
    private final class Surroundings: Sendable {
        let clock = Atomic<UInt64>(second)
        let toldCount = Atomic<Int>(0)

        func watch() -> SilenceWatch {
            SilenceWatch(
                patience: .seconds(10), now: { self.clock.load(ordering: .relaxed) },
                tell: { self.toldCount.add(1, ordering: .relaxed) })
        }

        func pass(_ seconds: UInt64) { clock.add(seconds * SilenceWatchTests.second, ordering: .relaxed) }
        var told: Int { toldCount.load(ordering: .relaxed) }
    }

    @Test func `a silent card is told once for each command`() {
        let surroundings = Surroundings()
        let watch = surroundings.watch()
        watch.begin()
        surroundings.pass(9)
        watch.look()
        #expect(surroundings.told == 0)
        surroundings.pass(1)
        watch.look()
        watch.look()
        #expect(surroundings.told == 1)
        watch.end()
        watch.begin()
        surroundings.pass(10)
        watch.look()
        #expect(surroundings.told == 2)
    }

    @Test func `between two commands nothing is waited for`() {
        let surroundings = Surroundings()
        let watch = surroundings.watch()
        watch.look()
        watch.begin()
        watch.end()
        surroundings.pass(60)
        watch.look()
        #expect(surroundings.told == 0)
    }
}

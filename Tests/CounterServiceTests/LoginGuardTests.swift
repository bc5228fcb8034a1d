import Synchronization
import Testing

@testable import CounterService

@Suite struct LoginGuardTests {
    @Test func waitsDoubleUpToAnHourAndEndWithTheRightPassword() {
        let now = Mutex<UInt64>(0)
        let guardian = LoginGuard(tries: 2, waitSeconds: 60) { now.withLock { $0 } }
        guardian.note(1001, isRight: false)
        #expect(guardian.wait(of: 1001) == nil)
        var waits: [Int?] = []
        for _ in 0..<8 {
            guardian.note(1001, isRight: false)
            waits.append(guardian.wait(of: 1001))
        }
        #expect(waits == [60, 120, 240, 480, 960, 1920, 3600, 3600])
        #expect(guardian.wait(of: 1002) == nil)
        now.withLock { $0 += 3_600_000 }
        #expect(guardian.wait(of: 1001) == nil)
        guardian.note(1001, isRight: true)
        guardian.note(1001, isRight: false)
        #expect(guardian.wait(of: 1001) == nil)
    }
}

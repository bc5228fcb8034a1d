import CardData
import Dispatch
import Testing

@testable import CounterService

/// The line before the thread that looks at passwords.
@Suite struct PasswordLineTests {
    @Test func sixteenWaitAndTheNextIsTurnedAwayWithoutItsWork() async throws {
        let line = PasswordLine()
        let gate = DispatchSemaphore(value: 0)
        let done = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<PasswordLine.limit {
                group.addTask {
                    try await line.run {
                        gate.wait()
                        return number
                    }
                }
            }
            while line.count < PasswordLine.limit { await Task.yield() }
            await #expect(throws: Faults("counter.login-busy", ["seconds": "5"])) {
                try await line.run { Issue.record("it was done all the same") }
            }
            for _ in 0..<PasswordLine.limit { gate.signal() }
            return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
        }
        #expect(done.count == PasswordLine.limit)
        #expect(line.count == 0)
        #expect(try await line.run { 7 } == 7, "the line is open again")
    }
}

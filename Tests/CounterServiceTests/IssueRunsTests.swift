import Synchronization
import Testing

@testable import CounterService

@Suite struct IssueRunsTests {
    private final class Diary: Sendable {
        let lines = Mutex<[String]>([])

        func write(_ line: String) { lines.withLock { $0.append(line) } }
    }

    @Test func whoWaitsForTheEndWaitsForTheLastCard() async {
        let runs = IssueRuns()
        let diary = Diary()
        #expect(runs.begin("first"))
        #expect(runs.begin("second"))
        let waiting = Task {
            await runs.allEnded()
            diary.write("over")
        }
        for _ in 0..<100 { await Task.yield() }
        diary.write("first")
        runs.end("first", [])
        for _ in 0..<100 { await Task.yield() }
        diary.write("second")
        runs.leave("second")
        await waiting.value
        #expect(diary.lines.withLock { $0 } == ["first", "second", "over"])
        await runs.allEnded()
    }

    @Test func noCardIsBegunOnceTheServiceStops() {
        let runs = IssueRuns()
        #expect(runs.begin("first"))
        #expect(!runs.isClosed)
        runs.close()
        #expect(runs.isClosed && !runs.begin("second"))
        #expect(runs["first"] != nil && runs["second"] == nil)
    }
}

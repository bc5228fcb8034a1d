import Issuing
import Personalization
import SmartCardReader
import Synchronization
import Testing
import VirtualCard

/// Lanes that come, go and are stopped while a batch runs.
extension IssuingBatchTests {
    @Test func aReaderThatIsUnpluggedLeavesItsPeopleToTheOthers() async throws {
        let counter = try Counter()
        let name = try #require(Self.reader)
        let requests = try requests(0..<2, counter)
        let ended = Mutex<[String]>([])
        let report = try await run(
            requests, counter, TestLane("A", .failing(.readerRemoved(name))),
            TestLane("B", .card(try counter.blank(1)), .card(try counter.blank(2))),
            tell: { event in
                if case .laneEnded(let lane, _) = event { ended.withLock { $0.append(lane) } }
            })
        #expect(madeNumbers(report).count == 2)
        #expect(ended.withLock { $0 } == ["A"] || ended.withLock { $0 } == [], "B may have been faster")
        let none = try await run(
            self.requests(2..<4, counter), counter, TestLane("A", .unplugged(.readerRemoved(name))))
        #expect(none.left == [0, 1])
    }

    @Test func cancellingFinishesTheCardInHandAndTakesNoOther() async throws {
        let counter = try Counter()
        let requests = try requests(0..<3, counter)
        let lane = TestLane("A", .card(try counter.blank(1)), .card(try counter.blank(2)), .card(try counter.blank(3)))
        let task = Mutex<Task<BatchReport, any Error>?>(nil)
        let batch = try IssuingBatch(
            desk: counter.desk, requests: requests,
            tell: { event in
                guard case .progress(_, 0, let progress, _) = event, progress.done == 100 else { return }
                task.withLock { $0?.cancel() }
            })
        let running = task.withLock { task in
            let running = Task<BatchReport, any Error> { await batch.run(in: [lane]) }
            task = running
            return running
        }
        let report = try await running.value
        #expect(madeNumbers(report).count == 1)
        #expect(report.left == [1, 2])
        #expect(counter.journals.isEmpty)
    }

    /// The first lane has one blank; a second one comes once that is made, and makes the rest.
    @Test func aLaneThatJoinsTakesWhatIsLeft() async throws {
        let counter = try Counter()
        let (joining, told) = AsyncStream<any CardLane>.makeStream()
        let later = TestLane("B", .card(try counter.blank(2)), .card(try counter.blank(3)))
        let batch = try IssuingBatch(
            desk: counter.desk, requests: requests(0..<3, counter),
            tell: { event in
                if case .settled(0, _) = event { told.yield(later) }
            })
        let report = await batch.run(in: [TestLane("A", .card(try counter.blank(1)))], joinedBy: joining)
        #expect(report.results.map(\.lane) == ["A", "B", "B"])
        #expect(madeNumbers(report).count == 3 && report.obstacle.isEmpty)
    }

    /// Nobody waits for a reader that may never come.
    @Test func aBatchEndsWithItsLastLaneThoughOthersMayJoin() async throws {
        let counter = try Counter()
        let (joining, _) = AsyncStream<any CardLane>.makeStream()
        let name = try #require(Self.reader)
        let batch = try IssuingBatch(desk: counter.desk, requests: requests(0..<2, counter))
        let report = await batch.run(
            in: [TestLane("A", .card(try counter.blank(1)), .unplugged(.readerRemoved(name)))], joinedBy: joining)
        #expect(report.left == [1])
    }

    /// Ctrl-C: whoever waits for a card, or for a lane, stops.
    @Test func cancellingEndsABatchThatOthersMayJoin() async throws {
        let counter = try Counter()
        let (joining, told) = AsyncStream<any CardLane>.makeStream()
        let (settled, note) = AsyncStream<Void>.makeStream()
        let later = TestLane("B")
        let batch = try IssuingBatch(
            desk: counter.desk, requests: requests(0..<2, counter),
            tell: { event in
                switch event {
                case .settled: told.yield(later)
                case .waiting("B"): note.yield()
                default: break
                }
            })
        let first = TestLane("A", .card(try counter.blank(1)))
        let run = Task { await batch.run(in: [first], joinedBy: joining) }
        for await _ in settled { break }
        run.cancel()
        let report = await run.value
        #expect(report.left == [1] && madeNumbers(report).count == 1)
    }
}

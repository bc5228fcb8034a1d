import CardData
import Foundation
import Lifecycle
import Logging
import Registry
import Synchronization
import Testing

@testable import CounterService

/// What changes on record is told to whoever may see it, and holds nobody up.
@Suite struct ChangeBoardTests {
    private static func change(_ sequence: UInt64, of counter: UInt64 = 7) -> RecordChange {
        RecordChange(.application(EventIdentifier(counter: counter, sequence: sequence)), event: sequence)
    }

    /// A log in memory that the test writes.
    private final class Log: Sendable {
        let changes = Mutex<[RecordChange]>([])
        let isBroken = Mutex(false)

        func board(from head: UInt64 = 0) -> ChangeBoard {
            ChangeBoard(from: head, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }) { [self] place in
                if isBroken.withLock({ $0 }) { throw RegistryError.inconsistent("test") }
                let all = changes.withLock { $0 }
                return RecordChanges(
                    changes: all.filter { $0.event > place }, start: place, head: max(place, all.last?.event ?? 0))
            }
        }

        func add(_ events: ClosedRange<UInt64>) {
            changes.withLock { $0 += events.map { ChangeBoardTests.change($0) } }
        }
    }

    @Test func aSlowListenerLosesNothing() async throws {
        let (log, subject) = (Log(), RecordChange.Subject.application(EventIdentifier(counter: 7, sequence: 1)))
        let board = log.board()
        log.add(1...3)
        await board.look()
        // The same application once more: its newest event alone is told.
        log.changes.withLock { $0.append(RecordChange(subject, event: 4)) }
        await board.look()
        let news = board.news(after: 0)
        #expect(news.changes == [Self.change(2), Self.change(3), RecordChange(subject, event: 4)])
        #expect(!news.isIncomplete && news.head == 4)
        #expect(board.news(after: 3).changes == [RecordChange(subject, event: 4)])
        #expect(board.news(after: 4) == ChangeBoard.News(head: 4))
        #expect(board.news(after: nil) == ChangeBoard.News(head: 4))
    }

    @Test func whoIsFartherBehindThanIsKeptIsToldToLookAgain() async throws {
        let log = Log()
        let board = log.board(from: 10)
        #expect(board.news(after: 9) == ChangeBoard.News(isIncomplete: true, head: 10))
        let most = UInt64(ChangeBoard.mostKept)
        log.add(11...(10 + most + 1))
        await board.look()
        #expect(board.news(after: 10) == ChangeBoard.News(isIncomplete: true, head: 11 + most))
        #expect(board.news(after: 11).changes.count == Int(most))
    }

    @Test func whatWasNotReadIsNotClaimedToBeKnown() async throws {
        let board = ChangeBoard(from: 5, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }) { _ in
            RecordChanges(changes: [Self.change(9000)], start: 8000, head: 9001)
        }
        await board.look()
        #expect(board.news(after: 5).isIncomplete)
        #expect(board.news(after: 8000).changes == [Self.change(9000)])
    }

    @Test func aLogThatCannotBeReadIsReadAtTheNextRing() async throws {
        let log = Log()
        let board = log.board()
        log.add(1...1)
        log.isBroken.withLock { $0 = true }
        await board.look()
        #expect(board.news(after: 0) == ChangeBoard.News(head: 0))
        log.isBroken.withLock { $0 = false }
        await board.look()
        #expect(board.news(after: 0).changes == [Self.change(1)])
    }

    @Test func oneSessionListensSoOftenAndLeavesTheOthersTheirs() throws {
        let board = Log().board()
        var streams: [AsyncStream<Void>] = []
        for _ in 0..<ChangeBoard.mostOfOne { streams.append(try board.rings(for: "one")) }
        #expect(throws: Faults("counter.streams-many", ["most": String(ChangeBoard.mostOfOne)])) {
            try board.rings(for: "one")
        }
        streams.append(try board.rings(for: "another"))
        // One that is let go of makes room.
        streams.removeFirst()
        streams.append(try board.rings(for: "one"))
        #expect(streams.count == ChangeBoard.mostOfOne + 1)
    }

    /// Reports a loss as a program does.
    private func reportLoss(_ port: UInt16) async throws -> WireAnswer {
        let session = try await ask(
            port, "POST", "/api/session", headers: ["Content-Type": "application/json"],
            body: "{\"number\": 1001, \"password\": \"\(Window.password)\"}")
        let cookie = try #require(session.header("Set-Cookie")?.split(separator: ";").first.map(String.init))
        let token = try #require(session.body.firstMatch(of: /"formToken":"([0-9A-F]+)"/).map { String($0.1) })
        return try await ask(
            port, "POST", "/api/cards/\(CrossedWindowsTests.number)/acts/temporary-loss",
            headers: [
                "Cookie": cookie, "X-Form-Token": token, "Content-Type": "application/json",
                "Idempotency-Key": "the-key-of-this-loss",
            ], body: "{\"reporter\": \"holder\"}")
    }

    private static let told =
        "event: card\nid: 3\ndata: {\"card\":\"/cards/\(CrossedWindowsTests.number)\",\"event\":3}\n\n"

    @Test func anActAtOneWindowIsToldToAnother() async throws {
        let window = Window()
        try await window.open(prepare: CrossedWindowsTests.makeCard) { port in
            let other = try await logIn(port, as: 2001)
            let page = try await ask(port, "GET", "/cards/\(CrossedWindowsTests.number)", headers: ["Cookie": other])
                .body
            #expect(page.contains("data-after=\"2\"") && page.contains("data-seen=\"2\""))
            // It listens before and while the act is done.
            async let heard = ask(port, "GET", "/live?after=2", headers: ["Cookie": other]) { $0.contains(Self.told) }
            #expect(try await reportLoss(port).status == 201)
            let stream = try await heard
            #expect(stream.body.contains(Self.told))
            #expect(!stream.body.contains("张三") && !stream.body.contains("990165200802116857"))
            // The program's way, and what was told last, lead to the same; what is known is not told again.
            let late = try await ask(port, "GET", "/api/live", headers: ["Cookie": other, "Last-Event-ID": "2"]) {
                $0.contains(Self.told)
            }
            #expect(late.body.contains(Self.told))
            let knowing = try await ask(port, "GET", "/api/live?after=3", headers: ["Cookie": other]) {
                $0.contains("event: readers\n") && $0.contains("event: queue\n")
            }
            #expect(!knowing.body.contains("event: card"))
            // Behind what this start of the service knows everything is to be looked at again.
            let again = try await ask(port, "GET", "/live?after=1", headers: ["Cookie": other]) {
                $0.contains("event: look-again")
            }
            #expect(again.body.contains("event: look-again\nid: 3\ndata: {\"event\":3}\n\n"))
        }
    }

    @Test func whoHandlesNoActIsToldOfNoCard() async throws {
        let window = Window()
        try await window.open(prepare: CrossedWindowsTests.makeCard) { port in
            try window.add(4001, "赵六", .administrator)
            #expect(try await reportLoss(port).status == 201)
            let teller = try await logIn(port, as: 2001)
            _ = try await ask(port, "GET", "/live?after=2", headers: ["Cookie": teller]) { $0.contains(Self.told) }
            let administrator = try await logIn(port, as: 4001)
            let stream = try await ask(port, "GET", "/live?after=2", headers: ["Cookie": administrator]) {
                $0.contains("event: readers\n") && $0.contains("event: queue\n")
            }
            #expect(stream.status == 200)
            #expect(!stream.body.contains("event: card") && !stream.body.contains("look-again"))
            #expect(try await ask(port, "GET", "/api/live").status == 401)
        }
    }
}

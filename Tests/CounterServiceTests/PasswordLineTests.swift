import CardData
import Dispatch
import Testing

@testable import CounterService

/// The line before the thread that looks at passwords.
@Suite struct PasswordLineTests {
    private static let busy = Faults("counter.login-busy", ["seconds": "5"])

    private static func place(_ last: UInt8) -> LoginPlace { .address([192, 0, 2, last]) }

    /// Sends work of these places to the line, which stands still, and then does `body`; gives how much was done.
    private func whileWaiting(
        _ places: [(LoginPlace, isSuspect: Bool)], _ body: (PasswordLine) async throws -> Void
    ) async throws -> Int {
        let line = PasswordLine()
        let gate = DispatchSemaphore(value: 0)
        let done = try await withThrowingTaskGroup(of: Void.self) { group in
            for (place, isSuspect) in places {
                group.addTask { try await line.run(from: place, isSuspect: isSuspect) { gate.wait() } }
            }
            while line.count < places.count { await Task.yield() }
            try await body(line)
            for _ in places { gate.signal() }
            return try await group.reduce(into: 0) { count, _ in count += 1 }
        }
        #expect(line.count == 0)
        #expect(try await line.run(from: .untold) { 7 } == 7, "the line is open again")
        return done
    }

    private func expectTurnedAway(_ line: PasswordLine, _ place: LoginPlace, isSuspect: Bool = false) async {
        await #expect(throws: Self.busy) {
            try await line.run(from: place, isSuspect: isSuspect) { Issue.record("it was done all the same") }
        }
    }

    @Test func sixteenWaitAndTheNextIsTurnedAwayWithoutItsWork() async throws {
        let places = Array(repeating: (LoginPlace.untold, isSuspect: false), count: PasswordLine.limit)
        let done = try await whileWaiting(places) { line in
            await expectTurnedAway(line, .untold)
            await expectTurnedAway(line, Self.place(1))
        }
        #expect(done == PasswordLine.limit)
    }

    @Test func oneAddressHasItsShareAndTheOthersKeepTheirs() async throws {
        let share = PasswordLine.share
        let places = [UInt8(1), 2].flatMap { Array(repeating: (Self.place($0), isSuspect: false), count: share) }
        let done = try await whileWaiting(places) { line in
            await expectTurnedAway(line, Self.place(1))
            await expectTurnedAway(line, Self.place(2))
        }
        #expect(done == 2 * share)
    }

    /// Sixteen that guess, each at an address of its own, leave half of the line to those that do not.
    @Test func thoseThatGuessHaveOnePlaceEachAndHalfOfTheLineTogether() async throws {
        let guessers = (1...UInt8(PasswordLine.suspectLimit)).map { (Self.place($0), isSuspect: true) }
        let tellers = (101...UInt8(100 + PasswordLine.limit - PasswordLine.suspectLimit)).map {
            (Self.place($0), isSuspect: false)
        }
        _ = try await whileWaiting(Array(guessers.prefix(1))) { line in
            await expectTurnedAway(line, Self.place(1), isSuspect: true)
        }
        let done = try await whileWaiting(guessers) { line in
            for last in 9...16 as ClosedRange<UInt8> { await expectTurnedAway(line, Self.place(last), isSuspect: true) }
        }
        #expect(done == PasswordLine.suspectLimit)
        #expect(try await whileWaiting(guessers + tellers) { _ in } == PasswordLine.limit)
    }
}

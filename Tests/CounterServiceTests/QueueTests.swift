import CardData
import Foundation
import Synchronization
import Testing

@testable import CounterService

/// The queue: its rules, and what a restart and a power cut leave of it.
@Suite struct QueueTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "queue-\(UUID().uuidString)").path
    private static let noon: UInt64 = 1_790_000_000_000

    private func book(at time: UInt64 = noon) -> QueueBook { QueueBook(dataFolder: folder, clock: { time }) }

    @Test func numbersAreTakenCalledServedAndDone() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let book = book()
        #expect(try book.perform(.take, errand: .loss, at: 1001) == 1)
        #expect(try book.perform(.take, errand: .issue, at: 1001) == 2)
        #expect(try book.perform(.next, at: 1001) == 1)
        #expect(try book.today().ticket(at: 1001)?.label == "B001")
        #expect(try book.perform(.again, ticket: 1, at: 1001) == 1)
        #expect(try book.today().ticket(at: 1001)?.calls == 2)
        _ = try book.perform(.serve, ticket: 1, at: 1001)
        _ = try book.perform(.done, ticket: 1, at: 1001)
        #expect(try book.today().tickets.map(\.state) == [.done, .waiting])
    }

    @Test func whoHasPriorityIsCalledFirstAndOnlyOnceTheRestInTheirOrder() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let book = book()
        for hasPriority in [false, true, false, true] {
            _ = try book.perform(.take, errand: .other, hasPriority: hasPriority, at: 1001)
        }
        #expect(try book.today().waiting.map(\.number) == [2, 4, 1, 3])
        var called: [Int] = []
        for _ in 0..<4 {
            let number = try book.perform(.next, at: 1001)
            called.append(number)
            _ = try book.perform(.absent, ticket: number, at: 1001)
        }
        #expect(called == [2, 4, 1, 3])
        #expect(try self.book().today().tickets.map(\.hasPriority) == [false, true, false, true], "a restart keeps it")
    }

    @Test func aTicketOfAWindowThatIsGoneIsTakenOverOrPutBack() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let book = book()
        for _ in 0..<3 { _ = try book.perform(.take, errand: .issue, at: 1001) }
        _ = try book.perform(.next, at: 1003)
        _ = try book.perform(.serve, ticket: 1, at: 1003)
        #expect(throws: Faults("queue.not-so", ["ticket": "A001"])) { try book.perform(.done, ticket: 1, at: 1001) }
        _ = try book.perform(.takeOver, ticket: 1, at: 1001)
        #expect(try book.today().ticket(at: 1003) == nil)
        #expect(throws: Faults("queue.in-hand", ["ticket": "A001"])) { try book.perform(.next, at: 1001) }
        _ = try book.perform(.done, ticket: 1, at: 1001)
        #expect(throws: Faults("queue.not-so", ["ticket": "A001"])) { try book.perform(.takeOver, ticket: 1, at: 1002) }
        _ = try book.perform(.next, at: 1001)
        try book.leave(1001)
        #expect(try book.today().waiting.map(\.number) == [2, 3], "it waits at its old place")
        try book.leave(1001)
    }

    @Test func aLineOfBeforeThereWasPriorityIsRead() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = try book().perform(.take, errand: .loss, at: 1001)
        let file = try #require(FileManager.default.contentsOfDirectory(atPath: folder + "/queue").first)
        let line = try String(contentsOfFile: folder + "/queue/" + file, encoding: .utf8)
        #expect(!line.contains("hasPriority"), "nothing is said of those who have none")
        #expect(try book().today().tickets.map(\.hasPriority) == [false])
    }

    @Test func whatCannotBeDoneIsToldAndChangesNothing() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let book = book()
        #expect(throws: Faults("queue.nobody-waits")) { try book.perform(.next, at: 1001) }
        #expect(throws: Faults("queue.errand")) { try book.perform(.take, at: 1001) }
        for _ in 0..<3 { _ = try book.perform(.take, errand: .other, at: 1001) }
        _ = try book.perform(.next, at: 1001)
        let before = try book.today().tickets
        #expect(throws: Faults("queue.in-hand", ["ticket": "D001"])) { try book.perform(.next, at: 1001) }
        #expect(throws: Faults("queue.not-so", ["ticket": "D001"])) { try book.perform(.serve, ticket: 1, at: 1002) }
        #expect(throws: Faults("queue.not-so", ["ticket": "D001"])) { try book.perform(.done, ticket: 1, at: 1001) }
        #expect(throws: Faults("queue.no-such-ticket")) { try book.perform(.serve, ticket: 9, at: 1001) }
        #expect(try book.today().tickets == before)
        #expect(try book.perform(.next, at: 1002) == 2, "another window gets another ticket")
    }

    @Test func whoDidNotComeCanBeRecalledByAnyFreeWindow() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let book = book()
        _ = try book.perform(.take, errand: .issue, at: 1001)
        _ = try book.perform(.next, at: 1001)
        _ = try book.perform(.absent, ticket: 1, at: 1001)
        #expect(try book.today().ticket(at: 1001) == nil)
        _ = try book.perform(.recall, ticket: 1, at: 1002)
        #expect(try book.today().ticket(at: 1002)?.number == 1)
    }

    @Test func aRestartKeepsTheDayAndAnotherDayBeginsAtOne() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        do {
            let book = book()
            _ = try book.perform(.take, errand: .issue, at: 1001)
            _ = try book.perform(.take, errand: .loss, at: 1001)
            _ = try book.perform(.next, at: 1001)
        }
        #expect(try book().today().tickets.map(\.state) == [.called, .waiting])
        #expect(try book(at: Self.noon + 86_400_000).perform(.take, errand: .issue, at: 1001) == 1)
        #expect(try book().perform(.take, errand: .issue, at: 1001) == 3)
    }

    @Test func aLineThatAPowerCutTornIsForgottenAndTheNextOneIsWhole() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = try book().perform(.take, errand: .issue, at: 1001)
        let file = try #require(FileManager.default.contentsOfDirectory(atPath: folder + "/queue").first)
        let path = folder + "/queue/" + file
        let whole = try Data(contentsOf: URL(filePath: path))
        try (whole + whole.dropLast(9)).write(to: URL(filePath: path))
        #expect(try book().perform(.take, errand: .loss, at: 1001) == 2)
        #expect(try book().today().tickets.map(\.label) == ["A001", "B002"])
    }

    @Test func aStepThatCouldNotBeWrittenIsForgottenAndTheFileIsReadAgain() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let files = FileManager.default
        let book = book()
        _ = try book.perform(.take, errand: .issue, at: 1001)
        let file = try #require(files.contentsOfDirectory(atPath: folder + "/queue").first)
        let path = folder + "/queue/" + file
        let whole = try Data(contentsOf: URL(filePath: path))
        try files.removeItem(atPath: path)
        try files.createDirectory(atPath: path, withIntermediateDirectories: false)
        #expect(throws: Faults("queue.file", ["file": path])) { try book.perform(.take, errand: .loss, at: 1001) }
        try files.removeItem(atPath: path)
        try (whole + whole.dropLast(9)).write(to: URL(filePath: path))
        #expect(try book.perform(.take, errand: .loss, at: 1001) == 2)
        #expect(try self.book().today().tickets.map(\.label) == ["A001", "B002"])
    }

    @Test func noFileOfTheDayOrALaterOneIsRemoved() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let files = FileManager.default
        _ = try book().perform(.take, errand: .issue, at: 1001)
        for number in 0..<40 {
            for first in [20_200_000, 20_990_000] {
                #expect(files.createFile(atPath: "\(folder)/queue/\(first + number)", contents: Data()))
            }
        }
        #expect(try book().today().tickets.map(\.label) == ["A001"])
        let names = try files.contentsOfDirectory(atPath: folder + "/queue")
        #expect(names.filter { $0.hasPrefix("2099") }.count == 40)
        #expect(names.filter { $0.hasPrefix("2020") }.sorted() == (10..<40).map { String(20_200_000 + $0) })
    }

    @Test func whoListensHearsTheTicketsAndThatAnotherDayBegan() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let time = Mutex(Self.noon)
        let book = QueueBook(dataFolder: folder, clock: { time.withLock { $0 } })
        _ = try book.perform(.take, errand: .issue, at: 1001)
        var days = try book.days(for: .window).makeAsyncIterator()
        let first = await days.next()
        #expect(first?.tickets.map(\.label) == ["A001"])
        _ = try book.perform(.take, errand: .loss, at: 1001)
        let second = await days.next()
        #expect(second?.tickets.map(\.label) == ["A001", "B002"])
        time.withLock { $0 += 86_400_000 }
        #expect(try book.today().tickets.isEmpty)
        let third = await days.next()
        #expect(third?.tickets.isEmpty == true)
    }

    @Test func displaysThatAnybodyCanOpenLeaveTheWindowsTheirPlaces() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let book = book()
        var displays = try (0..<64).map { _ in try book.days(for: .display) }
        #expect(throws: Faults("queue.displays")) { try book.days(for: .display) }
        _ = try book.days(for: .window)
        displays.removeLast()
        _ = try book.days(for: .display)
    }

    /// A disk that takes its time holds up who writes, and nobody who looks or listens.
    @Test func whoLooksDoesNotWaitForTheDisk() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (begun, released, looked, done) = (
            DispatchSemaphore(value: 0), DispatchSemaphore(value: 0), DispatchSemaphore(value: 0),
            DispatchSemaphore(value: 0)
        )
        let book = QueueBook(dataFolder: folder, clock: { Self.noon }) { line, path in
            begun.signal()
            released.wait()
            return DurableFile.append(line, to: path)
        }
        #expect(try book.today().tickets.isEmpty)
        Thread.detachNewThread {
            _ = try? book.perform(.take, errand: .issue, at: 1001)
            done.signal()
        }
        begun.wait()
        let seen = Mutex<Int?>(nil)
        Thread.detachNewThread {
            let day = try? book.today()
            _ = try? book.days(for: .window)
            seen.withLock { $0 = day?.tickets.count }
            looked.signal()
        }
        // Who looks comes back while the disk still works; where that takes for ever, the test ends all the same.
        let cameBack = looked.wait(timeout: .now() + 600) == .success
        #expect(cameBack && seen.withLock { $0 } == 0)
        released.signal()
        done.wait()
        #expect(try book.today().tickets.map(\.label) == ["A001"])
    }

    @Test func nothingOfAnybodyStandsInTheFile() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = try book().perform(.take, errand: .issue, at: 1001)
        let file = try #require(FileManager.default.contentsOfDirectory(atPath: folder + "/queue").first)
        let text = try String(contentsOfFile: folder + "/queue/" + file, encoding: .utf8)
        #expect(text == "{\"at\":\(Self.noon),\"errand\":\"issue\",\"step\":\"take\",\"ticket\":1,\"window\":1001}\n")
    }

    @Test func oneAddressTakesNoMoreDisplaysThanAHallHas() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let book = book()
        let place = LoginPlace.address([192, 0, 2, 1])
        let own = try (0..<8).map { _ in try book.days(for: .display, at: place) }
        #expect(throws: Faults("queue.displays")) { try book.days(for: .display, at: place) }
        _ = try book.days(for: .display, at: .address([192, 0, 2, 2]))
        withExtendedLifetime(own) {}
    }

    @Test func whoSitsDownLastAtAWindowHasItAndARestartKeepsIt() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let book = book()
        #expect(throws: Faults("queue.place", ["most": "8"])) { try book.perform(.sit, place: "", at: 1001) }
        #expect(throws: Faults("queue.place", ["most": "8"])) { try book.perform(.sit, place: "123456789", at: 1001) }
        _ = try book.perform(.sit, place: "3", at: 1001)
        _ = try book.perform(.sit, place: "4", at: 1002)
        #expect(try book.today().places == [1001: "3", 1002: "4"])
        _ = try book.perform(.sit, place: "3", at: 1002)
        #expect(try self.book().today().places == [1002: "3"])
        #expect(try book.perform(.take, errand: .issue, at: 1001) == 1, "no number is used up")
    }
}

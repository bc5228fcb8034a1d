import CardData
import Foundation
import Lifecycle
import Synchronization
import Testing

@testable import CounterService

@Suite struct OnceLedgerTests {
    private final class Tally: Sendable {
        let count = Mutex(0)
    }

    private static let form = Fields(values: ["reason": "office"])
    private static let other = Fields(values: ["reason": "court"])
    private let event = EventIdentifier(counter: 7, sequence: 3)

    @Test func arrivalsUnderOneKeyDoTheWorkOnce() async throws {
        let ledger = OnceLedger<EventIdentifier>()
        let tally = Tally()
        let event = event
        try await withThrowingTaskGroup(of: EventIdentifier.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    try await ledger.once("key", saying: Self.form) {
                        tally.count.withLock { $0 += 1 }
                        return event
                    }
                }
            }
            for try await answer in group { #expect(answer == event) }
        }
        #expect(tally.count.withLock { $0 } == 1)
    }

    @Test func anotherFormUnderTheSameKeyIsRefused() async throws {
        let ledger = OnceLedger<EventIdentifier>()
        let event = event
        _ = try await ledger.once("key", saying: Self.form) { event }
        await #expect(throws: Faults("counter.form-used")) {
            _ = try await ledger.once("key", saying: Self.other) { event }
        }
    }

    @Test func whatWasRefusedMayBeSentAgain() async throws {
        let ledger = OnceLedger<EventIdentifier>()
        let event = event
        await #expect(throws: Faults("counter.no-role")) {
            _ = try await ledger.once("key", saying: Self.form) { throw Faults("counter.no-role") }
        }
        #expect(try await ledger.once("key", saying: Self.other) { event } == event)
    }

    @Test func whatMayHaveCostSomethingIsNotTriedAgain() async throws {
        let ledger = OnceLedger<EventIdentifier>(keeping: { ($0 as? Faults) == Faults("card.pin-blocked") })
        let tally = Tally()
        for _ in 0..<3 {
            await #expect(throws: Faults("card.pin-blocked")) {
                _ = try await ledger.once("key", saying: Self.form) {
                    tally.count.withLock { $0 += 1 }
                    throw Faults("card.pin-blocked")
                }
            }
        }
        #expect(tally.count.withLock { $0 } == 1)
        await #expect(throws: Faults("counter.form-used")) {
            _ = try await ledger.once("key", saying: Self.other) { throw Faults("card.pin-blocked") }
        }
        let event = event
        #expect(try await ledger.once("another", saying: Self.other) { event } == event)
    }

    // MARK: - Across a restart

    /// A ledger as a service has it that starts over this folder.
    private func started(_ folder: String, limit: Int = 20_000) throws -> OnceLedger<EventIdentifier> {
        OnceLedger(
            journal: try OnceJournal(dataFolder: folder, name: "acts", limit: limit),
            keeping: { ($0 as? Faults) == Faults("card.pin-blocked") })
    }

    private func withFolder(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "once-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(folder)
    }

    @Test func aFormThatWasDoneBeforeARestartIsNotDoneAgain() async throws {
        try await withFolder { folder in
            let event = event
            _ = try await started(folder).once("key", saying: Self.form) { event }
            let again = try started(folder)
            let answer = try await again.once("key", saying: Self.form) {
                Issue.record("done twice")
                return EventIdentifier(counter: 7, sequence: 4)
            }
            #expect(answer == event)
            await #expect(throws: Faults("counter.form-used")) {
                _ = try await again.once("key", saying: Self.other) { event }
            }
        }
    }

    @Test func whatWasBegunAndNotEndedIsNeitherDoneAgainNorTakenForDone() async throws {
        try await withFolder { folder in
            let event = event
            try OnceJournal(dataFolder: folder, name: "acts").begin("key", saying: Self.form)
            await #expect(throws: Faults("counter.form-unknown")) {
                _ = try await started(folder).once("key", saying: Self.form) { event }
            }
            // One that may have cost something was not ended either.
            await #expect(throws: Faults("card.pin-blocked")) {
                _ = try await started(folder).once("dear", saying: Self.form) { throw Faults("card.pin-blocked") }
            }
            await #expect(throws: Faults("counter.form-unknown")) {
                _ = try await started(folder).once("dear", saying: Self.form) { event }
            }
        }
    }

    @Test func whatWasRefusedBeforeARestartMayBeSentAgain() async throws {
        try await withFolder { folder in
            let event = event
            await #expect(throws: Faults("counter.no-role")) {
                _ = try await started(folder).once("key", saying: Self.form) { throw Faults("counter.no-role") }
            }
            let again = try started(folder)
            #expect(try await again.once("key", saying: Self.other) { event } == event)
        }
    }

    @Test func noPINIsKeptAndTheNewestKeysAre() async throws {
        try await withFolder { folder in
            let event = event
            let form = Fields(values: ["old-pin": "925814", "new-pin": "481952", "ticket": "T-1"])
            let ledger = try started(folder, limit: 3)
            for number in 0..<40 { _ = try await ledger.once("key \(number)", saying: form) { event } }
            let path = folder + "/operators/once-acts"
            // The same ticket with another PIN is the same as far as the disk can tell.
            let another = Fields(values: form.values.merging(["new-pin": "777123"]) { $1 })
            let restarted = try started(folder, limit: 3)
            #expect(try await restarted.once("key 39", saying: another) { event } == event)
            let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
            #expect(lines.count == 6)
            let later = EventIdentifier(counter: 7, sequence: 9)
            #expect(try await restarted.once("key 36", saying: form) { later } == later)
            for name in ["once-acts", "once.key"] {
                let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/operators/" + name)
                #expect(attributes[.posixPermissions] as? Int == 0o600)
            }
        }
    }

    @Test func aKeyThatCannotBeNotedDoesNothing() async throws {
        try await withFolder { folder in
            let ledger = try started(folder)
            try FileManager.default.createDirectory(
                atPath: folder + "/operators/once-acts", withIntermediateDirectories: false)
            let event = event
            await #expect(throws: Faults.self) {
                _ = try await ledger.once("key", saying: Self.form) {
                    Issue.record("done without a note")
                    return event
                }
            }
        }
    }
}

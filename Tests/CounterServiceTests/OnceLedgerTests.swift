import CardData
import Lifecycle
import Synchronization
import Testing

@testable import CounterService

@Suite struct OnceLedgerTests {
    private final class Tally: Sendable {
        let count = Mutex(0)
    }

    private let event = EventIdentifier(counter: 7, sequence: 3)

    @Test func arrivalsUnderOneKeyDoTheWorkOnce() async throws {
        let ledger = OnceLedger<EventIdentifier>()
        let tally = Tally()
        let event = event
        try await withThrowingTaskGroup(of: EventIdentifier.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    try await ledger.once("key", fingerprint: [1]) {
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
        _ = try await ledger.once("key", fingerprint: [1]) { event }
        await #expect(throws: Faults("counter.form-used")) {
            _ = try await ledger.once("key", fingerprint: [2]) { event }
        }
    }

    @Test func whatWasRefusedMayBeSentAgain() async throws {
        let ledger = OnceLedger<EventIdentifier>()
        let event = event
        await #expect(throws: Faults("counter.no-role")) {
            _ = try await ledger.once("key", fingerprint: [1]) { throw Faults("counter.no-role") }
        }
        #expect(try await ledger.once("key", fingerprint: [2]) { event } == event)
    }

    @Test func whatMayHaveCostSomethingIsNotTriedAgain() async throws {
        let ledger = OnceLedger<EventIdentifier>(keeping: { ($0 as? Faults) == Faults("card.pin-blocked") })
        let tally = Tally()
        for _ in 0..<3 {
            await #expect(throws: Faults("card.pin-blocked")) {
                _ = try await ledger.once("key", fingerprint: [1]) {
                    tally.count.withLock { $0 += 1 }
                    throw Faults("card.pin-blocked")
                }
            }
        }
        #expect(tally.count.withLock { $0 } == 1)
        await #expect(throws: Faults("counter.form-used")) {
            _ = try await ledger.once("key", fingerprint: [2]) { throw Faults("card.pin-blocked") }
        }
        let event = event
        #expect(try await ledger.once("another", fingerprint: [2]) { event } == event)
    }
}

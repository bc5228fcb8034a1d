import ISO7816
import SmartCardReader
import Testing

/// Through the real pcscd and vpcd; a restart of the service is checked with the tool (Tests/Independent/toolchecks/watching.py).
@Suite(.enabled(if: hasReaders), .timeLimit(.minutes(2)))
struct ReaderEventsTests {
    @Test func cardsThatComeAndGoAreToldAsTheyDo() async throws {
        let slot = 12
        let readers = try ReaderList.current()
        try #require(readers.count > slot)
        let name = readers[slot].name
        var inserted: InsertedCard?
        var seen: [String] = []
        for await event in ReaderEvents(slice: .seconds(60)) {
            switch event {
            case .readerAttached(let reader) where reader.name == name:
                seen.append("attached")
                inserted = try InsertedCard(slot: slot)
            case .cardInserted(let reader) where reader.name == name:
                seen.append("inserted")
                #expect(reader.answerToReset?.bytes == inserted?.card.answerToReset)
                inserted?.pull()
            case .cardRemoved(name):
                seen.append("removed")
            case .readerDetached, .serviceLost, .serviceRestored:
                Issue.record("\(event)")
            default: break  // other tests' readers
            }
            if seen.count == 3 { break }
        }
        #expect(seen == ["attached", "inserted", "removed"])
    }

    /// With slices of an hour only `SCardCancel` can end the call.
    @Test func watchingEndsWhenItIsCancelled() async throws {
        let begun = AsyncStream<Void>.makeStream()
        let watching = Task {
            var count = 0
            for await _ in ReaderEvents(slice: .seconds(3600)) {
                count += 1
                if count == 1 { begun.continuation.finish() }
            }
            return count
        }
        for await _ in begun.stream {}
        watching.cancel()
        #expect(await watching.value > 0)
    }
}

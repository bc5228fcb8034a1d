public import Lifecycle

/// The same for asynchronous callers: they wait without holding a thread of the cooperative pool.
extension Registry {
    /// Records one act on a card; see the synchronous form.
    @discardableResult
    public func record(
        _ act: Act, on card: CardReference, handledBy handling: Handling
    ) async throws(RegistryError) -> RecordedEvent {
        let events = try await record([ActEntry(act, on: card, handledBy: handling)])
        guard let event = events.first else { throw .inconsistent("no event") }
        return event
    }

    /// Records several acts that stand or fall together; see the synchronous form.
    @discardableResult
    public func record(_ entries: [ActEntry]) async throws(RegistryError) -> [RecordedEvent] {
        let result = await withCheckedContinuation { continuation in
            writer.submit(
                LogWriter.Request { transcript in
                    for entry in entries { try transcript.add(entry) }
                } answer: {
                    continuation.resume(returning: $0)
                })
        }
        return try result.get()
    }
}

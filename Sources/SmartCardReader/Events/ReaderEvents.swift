/// Everything that happens to readers and cards, as it happens; it outlives restarts of the PC/SC service.
///
/// ```swift
/// for await event in ReaderEvents() {
///     if case .cardInserted(let slot) = event { show(slot.name, slot.answerToReset) }
/// }
/// ```
///
/// Readers and cards that are there already are told first. Each loop over the sequence has a thread and a PC/SC context of its
/// own, both let go of when the loop ends or its task is cancelled.
public struct ReaderEvents: AsyncSequence, Sendable {
    /// What happened.
    public typealias Element = ReaderEvent
    /// It never fails: what goes wrong with the service is an event, and watching goes on.
    public typealias Failure = Never

    private let slice: Duration
    private let retryInterval: Duration

    /// A sequence of events.
    ///
    /// - Parameters:
    ///   - slice: after how long the watching thread looks around though nothing was told: `SCardCancel` is lost between two calls, and
    ///     so is a reader that is attached there.
    ///   - retryInterval: how long to wait before a service that is gone is looked for again.
    public init(slice: Duration = .milliseconds(500), retryInterval: Duration = .milliseconds(500)) {
        self.slice = slice
        self.retryInterval = retryInterval
    }

    /// Begins to watch.
    public func makeAsyncIterator() -> AsyncStream<ReaderEvent>.Iterator {
        AsyncStream { continuation in
            let watch = ReaderWatch(slice: slice, retryInterval: retryInterval) { continuation.yield($0) }
            continuation.onTermination = { _ in watch.stop() }
            watch.start()
        }.makeAsyncIterator()
    }
}

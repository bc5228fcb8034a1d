import Synchronization

/// What one open page has not been told yet: of what came meanwhile the newest, each once.
final class LiveNews: Sendable {
    private struct State {
        var picture: ReaderBoard.Picture?
        var day: QueueDay?
    }

    /// Rings when there may be something to tell, and ends with the service.
    let bell: AsyncStream<Void>
    private let ringing: AsyncStream<Void>.Continuation
    private let state = Mutex(State())

    init() { (bell, ringing) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1)) }

    func note(_ picture: ReaderBoard.Picture) {
        state.withLock { $0.picture = picture }
        ringing.yield()
    }

    func note(_ day: QueueDay) {
        state.withLock { $0.day = day }
        ringing.yield()
    }

    /// Rings without anything new, so that a page that is gone is noticed.
    func ring() { ringing.yield() }

    /// Tells whoever listens that nothing more comes.
    func end() { ringing.finish() }

    /// What there is to tell; it is told by whoever takes it.
    func take() -> (picture: ReaderBoard.Picture?, day: QueueDay?) {
        state.withLock { state in
            defer { state = State() }
            return (state.picture, state.day)
        }
    }
}

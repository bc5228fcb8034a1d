import CardData
import Logging
import Registry
import ServiceLifecycle
import Synchronization

/// What has changed on record lately, and who wants to be told: pages that show a card or an application that somebody else acts on.
///
/// It reads the log, and no act waits for it: whoever may have recorded something rings, and what is new is read on a thread of its own.
/// Whoever listens keeps a place in the log and nothing else, so a slow one loses nothing; one that is further behind than what is kept
/// is told to look again at everything.
final class ChangeBoard: Service {
    /// What somebody has not been told yet.
    struct News: Equatable {
        /// Each card and each application once, by its newest event.
        var changes: [RecordChange] = []
        /// Whether more has changed than is known any more.
        var isIncomplete = false
        /// The place in the log up to which this tells all.
        var head: UInt64
    }

    private struct State {
        /// Behind this place every change is among those that are kept.
        var start: UInt64
        var head: UInt64
        var kept: [RecordChange] = []
        var listeners: [Int: (session: String, bell: AsyncStream<Void>.Continuation)] = [:]
        var nextListener = 0
        var isOver = false

        mutating func take(_ found: RecordChanges) {
            if found.start > head {
                kept = []
                start = found.start
            }
            head = found.head
            let new = Set(found.changes.map(\.subject))
            kept = kept.filter { !new.contains($0.subject) } + found.changes
            let surplus = kept.count - mostKept
            guard surplus > 0 else { return }
            start = max(start, kept[surplus - 1].event)
            kept.removeFirst(surplus)
        }
    }

    /// So many cards and applications are kept, each by its newest change.
    static let mostKept = 4096
    /// How long after a look the next one waits at least.
    private static let pause = Duration.milliseconds(300)
    /// No session listens more often: one that opens streams without end must not shut off the others.
    ///
    /// A browser that goes from page to page holds more of them than it shows, for one that is gone is noticed only by writing to it.
    static let mostOfOne = 64

    private let read: @Sendable (UInt64) throws -> RecordChanges
    private let logger: Logger
    private let thread = RegistryThreads(count: 1)
    private let bell: AsyncStream<Void>
    private let ringing: AsyncStream<Void>.Continuation
    private let state: Mutex<State>

    /// A board of what is recorded from now on.
    ///
    /// - Parameters:
    ///   - head: where the log stands.
    ///   - read: gives what has changed behind a place in the log.
    init(from head: UInt64, logger: Logger, read: @escaping @Sendable (UInt64) throws -> RecordChanges) {
        self.read = read
        self.logger = logger
        (bell, ringing) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        state = Mutex(State(start: head, head: head))
    }

    /// Looks whenever somebody rings, until the service's end, of which listeners then hear.
    func run() async throws {
        for await _ in bell.cancelOnGracefulShutdown() {
            await look()
            // However fast acts come, pages are told as fast as somebody can look.
            try? await Task.sleep(for: Self.pause)
        }
        let listeners = state.withLock { state in
            state.isOver = true
            defer { state.listeners = [:] }
            return Array(state.listeners.values)
        }
        listeners.forEach { $0.bell.finish() }
    }

    /// Tells that something may have been recorded; it takes no time and cannot fail.
    func ring() { ringing.yield() }

    /// Reads what is new and tells whoever listens; where it cannot be read the next ring tries again.
    func look() async {
        let place = state.withLock(\.head)
        do {
            let found = try await thread.run { [read] in try read(place) }
            guard found.head > place else { return }
            let listeners = state.withLock { state in
                state.take(found)
                // Of look-ups and the like nobody has to hear.
                let isNews = !found.changes.isEmpty || found.start > place
                return isNews ? Array(state.listeners.values) : []
            }
            listeners.forEach { $0.bell.yield() }
        } catch {
            let code = FaultStatus.faults(of: error).first?.code.rawValue ?? "counter.unexpected"
            logger.error("changes not told", metadata: ["code": "\(code)"])
        }
    }

    /// Rings whenever there is something new, until the service's end.
    ///
    /// - Throws: `counter.streams-many` when the session has as many as one may have.
    func rings(for session: String) throws(Faults) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let joined = state.withLock { state -> Result<Int?, Faults> in
            guard state.listeners.values.count(where: { $0.session == session }) < Self.mostOfOne else {
                return .failure(Faults("counter.streams-many", ["most": String(Self.mostOfOne)]))
            }
            guard !state.isOver else { return .success(nil) }
            state.nextListener += 1
            state.listeners[state.nextListener] = (session, continuation)
            return .success(state.nextListener)
        }
        if let number = try joined.get() {
            continuation.onTermination = { _ in self.state.withLock { $0.listeners[number] = nil } }
            // What came before whoever listens was there.
            continuation.yield()
        } else {
            continuation.finish()
        }
        return stream
    }

    /// What has changed behind a place in the log; nil for nobody's place is what comes from now on.
    func news(after place: UInt64?) -> News {
        state.withLock { state in
            guard let place, place < state.head else { return News(head: max(place ?? 0, state.head)) }
            guard place >= state.start else { return News(isIncomplete: true, head: state.head) }
            return News(changes: state.kept.filter { $0.event > place }, head: state.head)
        }
    }
}

import ServiceLifecycle
import SmartCardReader
import Synchronization

/// What is in the readers now, and who wants to be told when that changes.
final class ReaderBoard: Service {
    /// A reader slot as pages show it.
    struct Slot: Hashable, Sendable {
        let name: ReaderName
        var cardState: ReaderDescription.CardState
    }

    /// The readers as pages show them.
    struct Picture: Hashable, Sendable {
        var slots: [Slot] = []
        /// Why no reader can be seen; nil while the PC/SC service answers.
        var trouble: ReaderError?
    }

    private struct State {
        var picture = Picture()
        var listeners: [Int: AsyncStream<Picture>.Continuation] = [:]
        var nextListener = 0
        var isOver = false
    }

    private let state = Mutex(State())

    /// Watches until the service stops; listeners then hear the end.
    func run() async throws {
        for await event in ReaderEvents().cancelOnGracefulShutdown() { take(event) }
        let listeners = state.withLock { state in
            state.isOver = true
            defer { state.listeners = [:] }
            return state.listeners.values.map(\.self)
        }
        listeners.forEach { $0.finish() }
    }

    var picture: Picture { state.withLock(\.picture) }

    /// Pictures from now on, the present one first; a slow listener gets the newest alone.
    func pictures() -> AsyncStream<Picture> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            let (number, picture) = state.withLock { state -> (Int?, Picture) in
                guard !state.isOver else { return (nil, state.picture) }
                state.nextListener += 1
                state.listeners[state.nextListener] = continuation
                return (state.nextListener, state.picture)
            }
            continuation.yield(picture)
            guard let number else { return continuation.finish() }
            continuation.onTermination = { _ in
                self.state.withLock { $0.listeners[number] = nil }
            }
        }
    }

    private func take(_ event: ReaderEvent) {
        let (picture, listeners) = state.withLock { state in
            state.picture.take(event)
            return (state.picture, state.listeners.values.map(\.self))
        }
        listeners.forEach { $0.yield(picture) }
    }
}

extension ReaderBoard.Picture {
    fileprivate mutating func take(_ event: ReaderEvent) {
        switch event {
        case .readerAttached(let reader), .cardInserted(let reader):
            slots.removeAll { $0.name == reader.name }
            slots.append(ReaderBoard.Slot(name: reader.name, cardState: reader.cardState))
            slots.sort { $0.name.rawValue < $1.name.rawValue }
        case .readerDetached(let name): slots.removeAll { $0.name == name }
        case .cardRemoved(let name):
            slots = slots.map { $0.name == name ? ReaderBoard.Slot(name: name, cardState: .empty) : $0 }
        case .serviceLost(let error): self = ReaderBoard.Picture(slots: [], trouble: error)
        case .serviceRestored: trouble = nil
        }
    }
}

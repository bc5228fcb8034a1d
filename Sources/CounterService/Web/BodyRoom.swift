import CardData
import Hummingbird
import Synchronization

/// What the service holds in memory of requests that are being read: so much at once and no more, and of files that are being sent so many.
///
/// Whoever comes while there is no room is told to come again in a moment, before a byte of theirs is kept; one address never has
/// more than a quarter of the room.
final class BodyRoom: Sendable {
    /// Bytes in all: a large office's forms of one moment many times over.
    static let bytes = 32 << 20
    /// Files that are sent at once.
    static let files = 8
    /// What a file that goes to the disk as it comes has in memory meanwhile, in bytes.
    static let ofFile = 256 << 10
    /// One address has this part of either.
    static let share = 4
    /// How many seconds whoever is turned away is told to wait.
    static let seconds = 5

    private struct Held {
        var bytes = 0
        var files = 0
    }

    private struct State {
        var all = Held()
        var places: [LoginPlace: Held] = [:]
    }

    private let state = Mutex(State())

    /// Bytes that are held at this moment.
    var held: Int { state.withLock { $0.all.bytes } }

    /// Does work while room is held for a request's body.
    ///
    /// - Parameters:
    ///   - limit: no more of it is read, in bytes.
    /// - Throws: `counter.uploads-full` at once where there is no room, and what `body` throws.
    func holding<Value>(
        _ request: Request, upTo limit: Int, from place: LoginPlace, _ body: () async throws -> Value
    ) async throws -> Value {
        // Who does not say how much comes may send as much as is read.
        let told = request.headers[.contentLength].flatMap { Int($0) } ?? limit
        return try await holding(min(max(told, 0), limit), files: 0, from: place, body)
    }

    /// Does work while room is held for a file that is being sent.
    ///
    /// - Throws: as ``holding(_:upTo:from:_:)``.
    func takingFile<Value>(from place: LoginPlace, _ body: () async throws -> Value) async throws -> Value {
        try await holding(Self.ofFile, files: 1, from: place, body)
    }

    private func holding<Value>(
        _ bytes: Int, files: Int, from place: LoginPlace, _ body: () async throws -> Value
    ) async throws -> Value {
        guard take(bytes, files, place) else {
            throw Faults("counter.uploads-full", ["seconds": String(Self.seconds)])
        }
        defer { give(bytes, files, place) }
        return try await body()
    }

    private func take(_ bytes: Int, _ files: Int, _ place: LoginPlace) -> Bool {
        state.withLock { state in
            var all = state.all
            all.bytes += bytes
            all.files += files
            guard all.bytes <= Self.bytes, all.files <= Self.files else { return false }
            if place != .untold {
                var own = state.places[place] ?? Held()
                own.bytes += bytes
                own.files += files
                guard own.bytes <= Self.bytes / Self.share, own.files <= Self.files / Self.share else { return false }
                state.places[place] = own
            }
            state.all = all
            return true
        }
    }

    private func give(_ bytes: Int, _ files: Int, _ place: LoginPlace) {
        state.withLock { state in
            state.all.bytes -= bytes
            state.all.files -= files
            guard var own = state.places[place] else { return }
            own.bytes -= bytes
            own.files -= files
            state.places[place] = own.bytes > 0 || own.files > 0 ? own : nil
        }
    }
}

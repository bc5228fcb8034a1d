import Dispatch
import Glibc
import Synchronization

/// Ctrl-C and SIGTERM as a wish to stop, instead of the end of the program.
enum Interruption {
    /// Runs `body` in a task that the first Ctrl-C or SIGTERM cancels; a second one ends the program at once.
    ///
    /// - Parameter whenOutputCloses: whether the task is cancelled, too, when nobody reads standard output any more.
    static func cancelling<Value: Sendable>(
        whenOutputCloses: Bool = false, _ body: @escaping @Sendable () async throws -> Value,
        whenAsked tell: @escaping @Sendable () -> Void = {}
    ) async throws -> Value {
        let task = Task { try await body() }
        let sources = watch {
            tell()
            task.cancel()
        }
        defer { end(sources) }
        if whenOutputCloses { Terminal.whenOutputCloses { task.cancel() } }
        return try await task.value
    }

    /// Runs `body`, which has a card in hand, to its end whatever is asked meanwhile: a card is not left half written.
    ///
    /// The first Ctrl-C or SIGTERM is told and noted; a second one ends the program at once.
    ///
    /// - Returns: what `body` gives, and whether somebody asked to stop.
    static func finishing<Value>(
        _ body: () async throws -> Value
    ) async throws -> (value: Value, wasAsked: Bool) {
        let wasAsked = Atomic(false)
        let sources = watch {
            wasAsked.store(true, ordering: .relaxed)
            Terminal.endProgress()
            Terminal.tell("正在做完手中的卡，然后停止 finishing the card in hand, then stopping")
        }
        defer { end(sources) }
        let value = try await body()
        return (value, wasAsked.load(ordering: .relaxed))
    }

    private static let signals = [SIGINT, SIGTERM]

    private static func watch(_ handle: @escaping @Sendable () -> Void) -> [any DispatchSourceSignal] {
        signals.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                signal(number, SIG_DFL)
                handle()
            }
            source.resume()
            return source
        }
    }

    /// From here on a signal ends the program as ever.
    private static func end(_ sources: [any DispatchSourceSignal]) {
        sources.forEach { $0.cancel() }
        signals.forEach { signal($0, SIG_DFL) }
    }
}

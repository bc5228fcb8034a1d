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
        SignalPipe.open()
        let task = Task { try await body() }
        let listening = SignalPipe.listen {
            tell()
            task.cancel()
        }
        defer { SignalPipe.close(listening) }
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
        SignalPipe.open()
        let listening = SignalPipe.listen {
            wasAsked.store(true, ordering: .relaxed)
            Terminal.endProgress()
            Terminal.tell("正在做完手中的卡，然后停止 finishing the card in hand, then stopping")
        }
        let result: Result<Value, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        let cameLast = SignalPipe.close(listening)
        return (try result.get(), wasAsked.load(ordering: .relaxed) || cameLast)
    }
}

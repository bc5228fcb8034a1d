import Dispatch
import Glibc

/// Ctrl-C and SIGTERM as a wish to stop, instead of the end of the program.
enum Interruption {
    /// Runs `body` in a task that the first Ctrl-C or SIGTERM cancels; a second one ends the program at once.
    static func cancelling<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value, whenAsked tell: @escaping @Sendable () -> Void = {}
    ) async throws -> Value {
        let task = Task { try await body() }
        let sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                signal(number, SIG_DFL)
                tell()
                task.cancel()
            }
            source.resume()
            return source
        }
        defer { sources.forEach { $0.cancel() } }
        return try await task.value
    }
}

import SmartCardReader
import Synchronization

/// Threads on which the registry's blocking calls run, so that none ever waits on the cooperative pool.
///
/// There are several, for windows that record at the same moment share one commit.
final class RegistryThreads: Sendable {
    private actor Line {
        nonisolated private let executor: ThreadExecutor
        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

        init(name: String) { executor = ThreadExecutor(name: name) }

        func run<Value: Sendable>(_ body: @Sendable () throws -> Value) throws -> Value { try body() }
    }

    private let lines: [Line]
    private let next = Atomic<Int>(0)

    init(count: Int = 4) { lines = (0..<count).map { Line(name: "registry-\($0)") } }

    /// Runs blocking work on one of the threads.
    func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        let turn = next.wrappingAdd(1, ordering: .relaxed).oldValue
        return try await lines[Int(UInt(bitPattern: turn) % UInt(lines.count))].run(body)
    }
}

import Glibc
import Synchronization

/// A thread that stands back behind whatever else the machine has to do.
enum LowPriorityThread {
    /// A tenth of a processor that others want, all of one that nobody does.
    private static let niceness: Int32 = 10

    private final class Work {
        let body: () -> Void

        init(_ body: @escaping () -> Void) { self.body = body }
    }

    /// Does work on such a thread and waits for it; where no thread is to be had, on the caller's own.
    ///
    /// The work wakes nobody and starts nothing: what it would start had its priority, which only the system's owner can raise again.
    static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) throws -> Value {
        let answer = Mutex<Result<Value, any Error>?>(nil)
        wait {
            let result = Result { try body() }
            answer.withLock { $0 = result }
        }
        guard let result = answer.withLock({ $0 }) else { throw RegistryError.inconsistent("thread") }
        return try result.get()
    }

    private static func wait(_ body: @escaping @Sendable () -> Void) {
        let work = Unmanaged.passRetained(Work(body))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { argument in
                // On Linux of this thread alone.
                _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, LowPriorityThread.niceness)
                if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            }, work.toOpaque())
        guard code == 0 else { return work.takeRetainedValue().body() }
        pthread_join(thread, nil)
    }
}

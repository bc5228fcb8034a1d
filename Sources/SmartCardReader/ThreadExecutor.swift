import Foundation

/// Runs an actor on one thread of its own, always the same.
///
/// PC/SC calls block for as long as a card or a person takes. Swift's cooperative pool has only as many threads as there
/// are cores, so two such calls would stop every other task of a two-core counter.
public final class ThreadExecutor: SerialExecutor {
    private let queue = JobQueue()

    /// Starts the thread; it ends when the executor is let go of.
    ///
    /// - Parameter name: what debuggers and `ps -T` show; Linux keeps its first 15 bytes.
    public init(name: String) {
        let queue = queue
        let reference = UnownedSerialExecutor(ordinary: self)
        let thread = Thread {
            while let job = queue.next() { job.runSynchronously(on: reference) }
        }
        thread.name = name
        thread.start()
    }

    /// Adds a job behind those that wait.
    public func enqueue(_ job: consuming ExecutorJob) { queue.append(UnownedJob(job)) }

    deinit { queue.stop() }
}

/// Jobs in the order they came; `condition` guards the rest.
private final class JobQueue: @unchecked Sendable {
    private let condition = NSCondition()
    private var jobs: [UnownedJob] = []
    private var isStopped = false

    func append(_ job: UnownedJob) {
        condition.withLock {
            jobs.append(job)
            condition.signal()
        }
    }

    /// Waits for a job; nil when the queue was stopped and none is left.
    func next() -> UnownedJob? {
        condition.withLock {
            while jobs.isEmpty && !isStopped { condition.wait() }
            return jobs.isEmpty ? nil : jobs.removeFirst()
        }
    }

    func stop() {
        condition.withLock {
            isStopped = true
            condition.signal()
        }
    }
}

import CardData
import Personalization
import Synchronization

/// The cards that are being made at this moment, so that every page can tell at which command of how many.
///
/// What has happened to an issue stands in its file; this is only what nobody needs after a restart.
final class IssueRuns: Sendable {
    /// One run.
    struct Run: Sendable {
        var done = 0
        var total: Int?
        /// Nil while it runs.
        var outcome: [Fault]?
    }

    private struct State {
        var runs: [String: Run] = [:]
        var isClosed = false
        var waiting: [CheckedContinuation<Void, Never>] = []

        var hasOpen: Bool { runs.values.contains { $0.outcome == nil } }

        /// Those who waited for the last run, once it is over.
        mutating func released() -> [CheckedContinuation<Void, Never>] {
            guard !hasOpen else { return [] }
            defer { waiting = [] }
            return waiting
        }
    }

    private let state = Mutex(State())

    /// Begins a run; false while one of the same issue is under way, and once no more are begun.
    func begin(_ issue: String) -> Bool {
        state.withLock { state -> Bool in
            if state.isClosed { return false }
            if let run = state.runs[issue], run.outcome == nil { return false }
            state.runs[issue] = Run()
            return true
        }
    }

    /// Lets no more runs begin.
    func close() { state.withLock { $0.isClosed = true } }

    /// Whether no more runs are begun.
    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Waits until no run is under way.
    func allEnded() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let isOver = state.withLock { state -> Bool in
                guard state.hasOpen else { return true }
                state.waiting.append(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    func note(_ progress: PlanRunner.Progress, of issue: String) {
        state.withLock {
            $0.runs[issue]?.done = progress.done
            $0.runs[issue]?.total = progress.total
        }
    }

    /// Ends a run with what went wrong; nothing when all went well.
    func end(_ issue: String, _ faults: [Fault]) {
        let waiting = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.runs[issue]?.outcome = faults
            return state.released()
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Ends a run without a word.
    func leave(_ issue: String) {
        let waiting = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.runs[issue] = nil
            return state.released()
        }
        for continuation in waiting { continuation.resume() }
    }

    subscript(issue: String) -> Run? { state.withLock { $0.runs[issue] } }

    /// Forgets how a run ended, once somebody has read it.
    func forget(_ issue: String) { state.withLock { if $0.runs[issue]?.outcome != nil { $0.runs[issue] = nil } } }
}

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

    private let runs = Mutex<[String: Run]>([:])

    /// Begins a run; false while one of the same issue is under way.
    func begin(_ issue: String) -> Bool {
        runs.withLock { runs in
            if let run = runs[issue], run.outcome == nil { return false }
            runs[issue] = Run()
            return true
        }
    }

    func note(_ progress: PlanRunner.Progress, of issue: String) {
        runs.withLock {
            $0[issue]?.done = progress.done
            $0[issue]?.total = progress.total
        }
    }

    /// Ends a run with what went wrong; nothing when all went well.
    func end(_ issue: String, _ faults: [Fault]) { runs.withLock { $0[issue]?.outcome = faults } }

    /// Ends a run without a word.
    func leave(_ issue: String) { runs.withLock { $0[issue] = nil } }

    subscript(issue: String) -> Run? { runs.withLock { $0[issue] } }

    /// Forgets how a run ended, once somebody has read it.
    func forget(_ issue: String) { runs.withLock { if $0[issue]?.outcome != nil { $0[issue] = nil } } }
}

import Dispatch
import GRDB
import Synchronization

/// 全页检查: every page of the file is looked at while the registry answers already: after an end that was no clean one, and whenever
/// somebody asks for it.
///
/// A file of a gigabyte takes seconds to look through, minutes on a slow disk. What only reads does not wait for it: SQLite tells of a
/// page that it cannot read. After an end that was no clean one acts wait, so that nothing is written to a file that is not in order, and
/// whoever vouches for the file waits always; once a fault is found the registry answers nothing any more. A check that was called off is none: the next start begins it
/// again.
final class PageCheck: Sendable {
    /// How often a check that is called off is told so: SQLite listens only while a statement runs.
    private static let interruptPause = DispatchTimeInterval.milliseconds(5)

    /// Gives the fault, when there is one, and ends with the check.
    let faults: AsyncStream<RegistryError>
    private let report: AsyncStream<RegistryError>.Continuation
    private let path: String
    private let onFault: @Sendable () -> Void
    private let state = Mutex(State())
    private let hasEnded = DispatchSemaphore(value: 0)

    private struct State {
        var hasBegun = false
        var isCalledOff = false
        var wasWhole = false
        var connection: DatabaseQueue?
        var fault: RegistryError?
    }

    /// A check of the file at a path, which has a connection of its own for it.
    ///
    /// - Parameter onFault: is told of a fault before anybody else is, who might end the program for it.
    init(path: String, onFault: @escaping @Sendable () -> Void = {}) {
        self.path = path
        self.onFault = onFault
        (faults, report) = AsyncStream.makeStream()
    }

    /// What is wrong with the file, as far as it is known.
    var fault: RegistryError? { state.withLock(\.fault) }

    /// Whether somebody looks at the pages, or has.
    var hasBegun: Bool { state.withLock(\.hasBegun) }

    /// Whether every page was looked at, and all were in order.
    var wasWhole: Bool { state.withLock(\.wasWhole) }

    /// Takes the check on for whoever will run it; false when somebody has.
    func begin() -> Bool {
        state.withLock { state in
            defer { state.hasBegun = true }
            return !state.hasBegun
        }
    }

    /// Looks at every page; blocks until it has, or is called off.
    ///
    /// - Parameter standsBack: whether it is done behind whatever else the machine has to do, so that no window waits longer for its answer.
    /// - Returns: whether all were in order.
    @discardableResult
    func run(standsBack: Bool = false) -> Bool {
        defer {
            report.finish()
            hasEnded.signal()
        }
        do {
            let connection = try RegistryDatabase.reader(path: path)
            let goesOn = state.withLock { state in
                state.connection = connection
                return !state.isCalledOff
            }
            guard goesOn else { return false }
            let look: @Sendable () throws -> String = {
                try connection.read { try String.fetchOne($0, sql: "PRAGMA quick_check(1)") } ?? ""
            }
            let words = try standsBack ? LowPriorityThread.run(look) : look()
            guard words != "ok" else {
                state.withLock { $0.wasWhole = true }
                return true
            }
            note(RegistryError.store(code: 11, "quick_check: \(words)"))
        } catch {
            note(RegistryError(wrapping: error))
        }
        return false
    }

    /// Waits for the end of a check that has begun.
    func awaitEnd() {
        hasEnded.wait()
        // For whoever waits besides.
        hasEnded.signal()
    }

    /// Ends the check where it is, and waits for that; one that was taken on and does not run yet ends as it begins.
    func callOff() {
        askToEnd()
        guard hasBegun else { return }
        while hasEnded.wait(timeout: .now() + Self.interruptPause) == .timedOut { askToEnd() }
        // For whoever calls it off once more.
        hasEnded.signal()
    }

    /// Asks for the check's end, without waiting for it.
    func askToEnd() {
        let connection = state.withLock { state in
            state.isCalledOff = true
            return state.connection
        }
        connection?.interrupt()
    }

    private func note(_ fault: RegistryError) {
        let isFault = state.withLock { state in
            // What was broken off says nothing of the file.
            guard !state.isCalledOff else { return false }
            state.fault = fault
            return true
        }
        guard isFault else { return }
        onFault()
        report.yield(fault)
    }
}

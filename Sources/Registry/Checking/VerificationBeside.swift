import CardCryptography
import GRDB
import Synchronization

/// 边办理边核验: the whole log and the views are gone through beside all other work, and whoever asked may call it off.
///
/// It has a connection of its own, which only reads, and sees one state of the store, that of its beginning: what is recorded meanwhile is the
/// next one's. No act and no reader waits for it; what is written while it runs stays in the write-ahead log until it ends. It stands back behind whatever else
/// the machine has to do.
public final class VerificationBeside: Sendable {
    private struct State {
        var connection: DatabaseQueue?
        var isCalledOff = false
    }

    private struct CalledOff: Error {}

    private let path: String
    private let counter: UInt64
    private let key: VerificationKey
    private let state = Mutex(State())

    fileprivate init(path: String, counter: UInt64, key: VerificationKey) {
        self.path = path
        self.counter = counter
        self.key = key
    }

    /// Goes through everything once; blocks until it has, or is called off.
    ///
    /// - Returns: what it found; nil when it was called off.
    /// - Throws: what the store says of a file that it cannot read.
    public func run() throws(RegistryError) -> VerificationReport? {
        do {
            let connection = try RegistryDatabase.reader(path: path)
            state.withLock { $0.connection = connection }
            defer { state.withLock { $0.connection = nil } }
            return try LowPriorityThread.run {
                try connection.read { database in
                    try VerificationReport.make(
                        of: database, counter: self.counter, key: self.key, betweenParts: self.goOn)
                }
            }
        } catch {
            guard !state.withLock(\.isCalledOff) else { return nil }
            throw RegistryError(wrapping: error)
        }
    }

    /// Asks for its end, without waiting for it.
    public func callOff() {
        let connection = state.withLock { state in
            state.isCalledOff = true
            return state.connection
        }
        connection?.interrupt()
    }

    /// SQLite hears of an end only while a statement runs.
    private func goOn() throws { if state.withLock(\.isCalledOff) { throw CalledOff() } }
}

extension Registry {
    /// Proves log and views while the registry is worked with; see ``VerificationBeside``.
    ///
    /// It looks at no page that neither log nor views are read from; that is ``checkPages()``.
    public func verificationBeside() -> VerificationBeside {
        VerificationBeside(path: path + "/registry.sqlite", counter: counter, key: verificationKey)
    }
}

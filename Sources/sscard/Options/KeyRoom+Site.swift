import CardData
import Foundation
import IssuerKeys
import Issuing
import Lifecycle
import Synchronization

/// The site's keys behind the guard, and the key log that all uses go to.
extension KeyRoom {
    /// The logs of this process, which are ended and signed before it goes.
    private static let logs = Mutex<[KeyLog]>([])

    /// Opens the site's keys when they are not open yet.
    func open(_ site: Site) throws {
        try open(at: site.options.keyPlace(mode: site.policy.mode), backEnd: site.keyBackEnd) {
            _ = try site.options.dataFolder()
            return try Self.log(of: site, startingIfEmpty: site.policy.mode != .production)
        } tell: {
            Terminal.tell($0)
        }
    }

    /// The site's own policy of use beside its keys, else that of the house.
    static func policyPath(_ options: SiteOptions) throws -> String {
        try options.keyPlace(mode: .development).policyPath
    }

    /// Milliseconds since 1970 UTC by the machine's clock.
    static let clock: @Sendable () -> UInt64 = { UInt64(Date().timeIntervalSince1970 * 1000) }

    /// The site's key log, to be ended with the process; a checkpoint key that lies open is told.
    ///
    /// - Parameter lock: what opens the checkpoint key; the site's own when none is given.
    static func log(of site: Site, lock: CheckpointLock? = nil, startingIfEmpty: Bool) throws -> KeyLog {
        let folder = site.options.keyLogFolder
        let log = try KeyLog.open(
            in: folder, startingIfEmpty: startingIfEmpty, lock: lock ?? site.checkpointLock(), clock: clock)
        logs.withLock { $0.append(log) }
        if log.keyLiesOpen { Terminal.tell([Fault("key-log.key-lies-open", ["path": folder + "/checkpoint.key"])]) }
        return log
    }

    /// Ends and signs what this process has written; a log that cannot be ended is told, for what was done is done.
    static func closeLogs() {
        for log in logs.withLock({ logs in
            defer { logs.removeAll() }
            return logs
        }) {
            do { try log.close() } catch { Terminal.tell(error.faults) }
        }
    }
}

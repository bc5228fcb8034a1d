import CardCryptography
import CardData
import Foundation
import IssuerKeys
import Lifecycle
import Synchronization

/// The roles in which the tool's commands use keys; `Keys/use-policy.yaml` says what each may.
enum KeyRole: String, CaseIterable {
    case teller
    case supervisor
    case personalizer
    case pharmacist
    case auditor
    case custodian
}

/// Where a site's keys are: a sealed store opened in this process, a token, or a PSAM.
struct KeyBackEnd {
    /// What uses them.
    let service: any CardKeyService
    /// The set itself, where it is in this process.
    let keySet: KeySet?
}

/// The keys of a site, opened once however many commands' parts ask for them, and the key log that all uses go to.
final class KeyRoom: Sendable {
    private struct Opened {
        let backEnd: KeyBackEnd
        let hierarchy: KeyHierarchy
        let keyGuard: KeyGuard
    }

    private let opened = Mutex<Opened?>(nil)
    /// The logs of this process, which are ended and signed before it goes.
    private static let logs = Mutex<[KeyLog]>([])

    /// The site's keys in the name of a session.
    func service(for session: KeyUseSession, of site: Site) throws -> any CardKeyService {
        let opened = try open(site)
        return try GuardedKeyService(opened.backEnd.service, behind: opened.keyGuard, for: session)
    }

    /// The comparison with another derivation; its own uses are an auditor's, and stand in the log too.
    func comparison(of site: Site) throws -> EngineComparison? {
        let opened = try open(site)
        guard let keySet = opened.backEnd.keySet else { return nil }
        let session = KeyUseSession(try KeyOperator("engine-comparison", role: KeyRole.auditor.rawValue))
        return EngineComparison(
            try GuardedKeyService(opened.backEnd.service, behind: opened.keyGuard, for: session),
            SecondDerivation(keySet, hierarchy: opened.hierarchy), hierarchy: opened.hierarchy)
    }

    private func open(_ site: Site) throws -> Opened {
        try opened.withLock { opened in
            if let opened { return opened }
            let isProduction = site.policy.mode == .production
            let hierarchy = try site.hierarchy()
            let backEnd = try site.keyBackEnd(hierarchy)
            let path = try Self.policyPath(site.options)
            let policy = try UsePolicy.read(path, hierarchy: hierarchy)
            if isProduction {
                let officers = try ApprovingOfficers.read(site.options.keyPapersFolder() + "/officers.yaml")
                try SignedUsePolicy.check(path, officers: officers)
                if !ProcessMemory.staysOutOfSwap { Terminal.tell([Fault("process.memory-not-locked")]) }
            }
            _ = try site.options.dataFolder()
            let log = try Self.log(of: site, startingIfEmpty: !isProduction)
            let room = Opened(
                backEnd: backEnd, hierarchy: hierarchy,
                keyGuard: KeyGuard(
                    policy: policy, hierarchy: hierarchy, log: log, acceptsNamedSecond: !isProduction))
            opened = room
            return room
        }
    }

    /// The site's own policy of use beside its keys, else that of the house.
    static func policyPath(_ options: SiteOptions) throws -> String {
        let own = try options.keyPapersFolder() + "/use-policy.yaml"
        return try FileManager.default.fileExists(atPath: own) ? own : options.homeFolder() + "/Keys/use-policy.yaml"
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

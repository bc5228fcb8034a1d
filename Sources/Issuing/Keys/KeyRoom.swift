import CardCryptography
public import CardData
public import Foundation
public import IssuerKeys
public import SmartCardReader
import Synchronization

/// The keys of a site, opened once however many parts of a program ask for them, behind the guard that writes every use of them down.
public final class KeyRoom: Sendable {
    private struct Opened {
        let backEnd: KeyBackEnd
        let place: KeyPlace
        let hierarchy: KeyHierarchy
        let keyGuard: KeyGuard
        let log: KeyLog
    }

    private let opened = Mutex<Opened?>(nil)

    /// A room that is still closed.
    public init() {}

    /// Opens the keys; when they are open, nothing is done.
    ///
    /// In production the policy of use must be signed, and the development set is refused.
    ///
    /// - Parameters:
    ///   - backEnd: opens the keys themselves.
    ///   - log: opens the key log.
    ///   - tell: told what is weaker than it should be.
    public func open(
        at place: KeyPlace, backEnd: (KeyHierarchy) throws -> KeyBackEnd, log: () throws -> KeyLog,
        tell: ([Fault]) -> Void = { _ in }
    ) throws {
        try opened.withLock { opened in
            guard opened == nil else { return }
            let hierarchy = try place.hierarchy()
            let backEnd = try backEnd(hierarchy)
            let policy = try UsePolicy.read(place.policyPath, hierarchy: hierarchy)
            if place.isProduction {
                try SignedUsePolicy.check(place.policyPath, officers: place.officers())
                if !ProcessMemory.staysOutOfSwap { tell([Fault("process.memory-not-locked")]) }
            }
            let log = try log()
            opened = Opened(
                backEnd: backEnd, place: place, hierarchy: hierarchy,
                keyGuard: KeyGuard(
                    policy: policy, hierarchy: hierarchy, log: log, acceptsNamedSecond: !place.isProduction), log: log)
        }
    }

    /// The keys in the name of a session; throws ``CardKeyError/notConfigured`` while they are closed.
    public func service(for session: KeyUseSession) throws -> any CardKeyService {
        let (backEnd, keyGuard) = try reading { ($0.backEnd, $0.keyGuard) }
        return try GuardedKeyService(backEnd.service, behind: keyGuard, for: session)
    }

    /// The comparison with another derivation, where the keys are in this process; its own uses are an auditor's, and stand in the log
    /// too.
    public func comparison() throws -> EngineComparison? {
        let (backEnd, hierarchy) = try reading { ($0.backEnd, $0.hierarchy) }
        guard let keySet = backEnd.keySet else { return nil }
        let session = KeyUseSession(try KeyOperator("engine-comparison", role: KeyRole.auditor.rawValue))
        return EngineComparison(
            try service(for: session), SecondDerivation(keySet, hierarchy: hierarchy), hierarchy: hierarchy)
    }

    /// What two officers have signed, as its file has it, checked against the officers of this place.
    ///
    /// Throws `pin-approval.file`, and what is wrong with the signatures.
    public func approved(_ document: Data, at time: UInt64) throws -> ApprovedRequest {
        let officers = try reading(\.place).officers()
        guard let document = try? JSONDecoder().decode(ApprovalDocument.self, from: document) else {
            throw Faults("pin-approval.file", ["path": "–"])
        }
        return try document.approved(by: officers, at: time)
    }

    /// The reader that is held for a PSAM, and takes no cards; nil where none is, and while the keys are closed.
    public var heldReader: ReaderName? { opened.withLock { $0?.backEnd.heldReader } }

    /// Whether the keys were opened and their log takes no more uses, as after a full disk: no key is used until the program is started
    /// again.
    public var isLogClosed: Bool { opened.withLock { $0?.log.isClosed ?? false } }

    /// The versions of the keys that new cards are made with.
    public func liveVersions() throws -> CardKeyVersions { try reading(\.hierarchy).liveVersions }

    /// Ends and signs the key log; the keys are closed then.
    public func close() throws(KeyLogError) {
        let log = opened.withLock { opened in
            defer { opened = nil }
            return opened?.log
        }
        try log?.close()
    }

    private func reading<Value: Sendable>(_ body: (Opened) -> Value) throws(CardKeyError) -> Value {
        guard let value = opened.withLock({ $0.map(body) }) else { throw .notConfigured }
        return value
    }
}

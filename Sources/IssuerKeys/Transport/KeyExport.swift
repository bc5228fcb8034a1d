public import CardData

/// Keys that leave their house: two custodians approve exactly that, and the key log says so before anything is written.
public struct KeyExport: Sendable {
    /// What leaves.
    public enum Kind: String, Sendable {
        /// One key in a key block.
        case block = "key-block-export"
        /// A level's set in an envelope.
        case handDown = "key-hand-down"
    }

    private static let minute: UInt64 = 60_000

    private let kind: Kind
    private let details: [String: String]

    /// One key in a block.
    ///
    /// - Parameter protection: the check value of the protection key.
    ///
    /// Throws `key-store.not-in-set`.
    public init(
        block identity: KeySet.Identity, from set: KeySet, version: String, flag: String, protection: KeyCheckValue
    ) throws(Faults) {
        kind = .block
        details = [
            "set": set.name, "area": set.area, "key": identity.name.rawValue,
            "algorithm": identity.algorithm.description, "version": identity.version.description,
            "checkValue": try set.checkValue(of: identity).description, "block": version, "flag": flag,
            "protection": protection.description,
        ]
    }

    /// A set in an envelope.
    ///
    /// Throws `key-store.cryptography`.
    public init(handDown set: KeySet, to receiver: Custodian) throws(Faults) {
        kind = .handDown
        details = [
            "set": set.name, "level": set.level.rawValue, "area": set.area, "root": set.root.description,
            "receipts": try set.lineageDigest(), "receiver": try receiver.fingerprint,
        ]
    }

    /// Has custodians approve the export, and writes that into the key log; only then may anything leave.
    ///
    /// - Parameters:
    ///   - custodians: who approve, two different persons of the roster at least.
    ///   - roster: who may.
    ///
    /// Throws what ``ApprovedRequest`` refuses and what the key log does.
    public func approve(
        by custodians: [CustodianKey], roster: CustodianRoster, in log: KeyLog, as user: KeyOperator
    ) throws {
        let now = log.now
        let request = try ApprovalRequest(
            kind.rawValue, details, requester: user.name, issued: now, expires: now + Self.minute)
        let approvals = try custodians.map { custodian throws(ApprovalError) in try custodian.approve(request) }
        let approved = try ApprovedRequest(request, approvals, officers: roster.officers, at: log.now)
        try approved.check(for: kind.rawValue, details, at: log.now)
        let session = try log.session(of: user, second: approved.officers.joined(separator: ","))
        try log.spend(approved, session, about: details)
    }
}

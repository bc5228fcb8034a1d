import ByteText

/// A request that enough different persons have approved: one that exists was checked.
public struct ApprovedRequest: Hashable, Sendable {
    /// What was approved.
    public let request: ApprovalRequest
    /// Who approved, in the order of their names.
    public let officers: [String]
    /// The digest of the request.
    public let digest: [UInt8]

    /// Checks the approvals of a request.
    ///
    /// - Parameters:
    ///   - officers: who may approve.
    ///   - persons: how many different persons must have, at least two.
    ///   - now: milliseconds since 1970 UTC.
    /// - Throws: `expired`, `notYetValid`, `otherRequest`, `unknownOfficer`, `notAuthentic`, `approvedTwice`, `tooFewPersons`.
    public init(
        _ request: ApprovalRequest, _ approvals: [Approval], officers: ApprovingOfficers, persons: Int = 2,
        at now: UInt64
    ) throws(ApprovalError) {
        guard now <= request.expires else { throw .expired }
        guard now >= request.issued else { throw .notYetValid }
        let digest = try request.digest
        var names: Set<String> = []
        for approval in approvals {
            guard approval.digest == digest else { throw .otherRequest }
            guard let key = officers[approval.officer] else { throw .unknownOfficer(approval.officer) }
            guard try approval.isSigned(by: key) else { throw .notAuthentic(approval.officer) }
            guard names.insert(approval.officer).inserted else { throw .approvedTwice(approval.officer) }
        }
        guard names.count >= max(persons, 2) else { throw .tooFewPersons(names.count, needed: max(persons, 2)) }
        self.request = request
        self.officers = names.sorted()
        self.digest = digest
    }

    /// Refuses any use but the one that was approved.
    ///
    /// - Parameter now: milliseconds since 1970 UTC; time has gone on since the approvals were checked.
    /// - Throws: `otherRequest`, `expired`.
    public func check(
        for operation: String, _ details: [String: String], at now: UInt64
    ) throws(ApprovalError) {
        guard request.operation == operation, request.details == details else { throw .otherRequest }
        guard now <= request.expires else { throw .expired }
    }
}

/// Approvals that were used, each until it would have expired anyway.
///
/// The key log remembers them across restarts; a place without a key log keeps a value of its own.
public struct SpentApprovals: Hashable, Sendable {
    private(set) var expiries: [[UInt8]: UInt64] = [:]

    /// None.
    public init() {}

    /// Notes the one use of an approval.
    ///
    /// - Throws: `spent` when it was used before.
    public mutating func spend(_ approved: ApprovedRequest, at now: UInt64) throws(ApprovalError) {
        guard !contains(approved.digest) else { throw .spent }
        note(approved.digest, expires: approved.request.expires)
        forget(before: now)
    }

    /// Whether the approval with this digest was used.
    public func contains(_ digest: [UInt8]) -> Bool { expiries[digest] != nil }

    mutating func note(_ digest: [UInt8], expires: UInt64) { expiries[digest] = expires }

    /// What has expired is refused without being remembered.
    mutating func forget(before now: UInt64) { expiries = expiries.filter { $0.value >= now } }
}

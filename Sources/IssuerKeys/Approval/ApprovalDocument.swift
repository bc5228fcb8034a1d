import ByteText

/// A request with its approvals as it goes from person to person; the keys of its JSON are these names.
public struct ApprovalDocument: Hashable, Sendable, Codable {
    /// One approval.
    public struct Signature: Hashable, Sendable, Codable {
        /// Who approved.
        public let officer: String
        /// r ‖ s in hexadecimal digits.
        public let signature: String
    }

    /// `sscard-approval-1`.
    public let format: String
    /// What shall be done.
    public let operation: String
    /// Everything that is bound.
    public let details: [String: String]
    /// Who asks.
    public let requester: String
    /// Milliseconds since 1970 UTC.
    public let issued: UInt64
    /// Milliseconds since 1970 UTC.
    public let expires: UInt64
    /// Hexadecimal digits.
    public let nonce: String
    /// The approvals so far.
    public private(set) var approvals: [Signature]

    private static let format = "sscard-approval-1"

    /// The document of a request that nobody has approved yet.
    public init(_ request: ApprovalRequest) {
        format = Self.format
        operation = request.operation
        details = request.details
        requester = request.requester
        issued = request.issued
        expires = request.expires
        nonce = request.nonce.hexadecimal
        approvals = []
    }

    /// Puts an approval to the others.
    public mutating func add(_ approval: Approval) {
        approvals.append(Signature(officer: approval.officer, signature: approval.signature.hexadecimal))
    }

    /// The request; nothing is believed of it before its approvals are checked.
    ///
    /// - Throws: `malformedRequest`.
    public var request: ApprovalRequest {
        get throws(ApprovalError) {
            guard format == Self.format, let nonce = [UInt8](hexadecimal: nonce) else { throw .malformedRequest }
            return try ApprovalRequest(
                operation, details, requester: requester, issued: issued, expires: expires, nonce: nonce)
        }
    }

    /// Checks the approvals as ``ApprovedRequest`` does.
    public func approved(
        by officers: ApprovingOfficers, persons: Int = 2, at now: UInt64
    ) throws(ApprovalError) -> ApprovedRequest {
        let request = try request
        let digest = try request.digest
        var signatures: [Approval] = []
        for approval in approvals {
            guard let signature = [UInt8](hexadecimal: approval.signature) else {
                throw .notAuthentic(approval.officer)
            }
            signatures.append(Approval(officer: approval.officer, digest: digest, signature: signature))
        }
        return try ApprovedRequest(request, signatures, officers: officers, persons: persons, at: now)
    }
}

public import CardData

/// Why an approval does not hold; nothing was done.
public enum ApprovalError: Error, Hashable, Sendable {
    /// The request has an empty name, no 16-byte nonce, or a validity that cannot be.
    case malformedRequest
    /// Its time is over.
    case expired
    /// Its time has not come: a clock is wrong.
    case notYetValid
    /// The approval is for something else.
    case otherRequest
    /// This person may not approve.
    case unknownOfficer(String)
    /// The signature is not this person's.
    case notAuthentic(String)
    /// One person cannot be two.
    case approvedTwice(String)
    /// Fewer persons than needed.
    case tooFewPersons(Int, needed: Int)
    /// It was used before.
    case spent
    /// The cryptographic library failed.
    case cryptography(String)
}

extension ApprovalError: FaultReporting {
    /// The error in the catalogue's terms.
    public var faults: [Fault] {
        switch self {
        case .malformedRequest: [Fault("approval.malformed-request")]
        case .expired: [Fault("approval.expired")]
        case .notYetValid: [Fault("approval.not-yet-valid")]
        case .otherRequest: [Fault("approval.other-request")]
        case .unknownOfficer(let officer): [Fault("approval.unknown-officer", ["officer": officer])]
        case .notAuthentic(let officer): [Fault("approval.not-authentic", ["officer": officer])]
        case .approvedTwice(let officer): [Fault("approval.approved-twice", ["officer": officer])]
        case .tooFewPersons(let count, let needed):
            [Fault("approval.too-few-persons", ["count": String(count), "needed": String(needed)])]
        case .spent: [Fault("approval.spent")]
        case .cryptography(let reason): [Fault("approval.cryptography", ["reason": reason])]
        }
    }
}

public import CardData
public import IssuerKeys

extension ApprovedRequest {
    /// Refuses a second person who has not signed: whoever confirms at the counter is one of those who approved.
    ///
    /// Throws `pin-approval.second`.
    public func check(second number: UInt64) throws(Faults) {
        guard officers.contains(String(number)) else {
            throw Faults(
                "pin-approval.second", ["second": String(number), "signers": officers.joined(separator: " ")])
        }
    }
}

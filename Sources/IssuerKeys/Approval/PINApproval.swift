public import CardData

/// The approval of a service of the PIN (密码业务双人审批): what two officers sign before one of them serves a card.
///
/// It holds for one card, one service and one work order, and is used once.
public enum PINApproval {
    /// How long an officer may let an approval hold: a day, in minutes.
    public static let longestMinutes: UInt64 = 24 * 60
    private static let minute: UInt64 = 60_000

    /// Refuses a request that is none for a service of the PIN, or that would hold for longer than a day.
    ///
    /// Throws `pin-approval.operation` and `pin-approval.validity`.
    public static func check(_ request: ApprovalRequest) throws(Faults) {
        guard KeyOperation(rawValue: request.operation)?.isPINService == true else {
            throw Faults("pin-approval.operation", ["operation": request.operation])
        }
        let length = request.expires > request.issued ? request.expires - request.issued : 0
        guard length > 0, length <= longestMinutes * minute else {
            throw Faults(
                "pin-approval.validity", ["minutes": String(length / minute), "most": String(longestMinutes)])
        }
    }

    /// A request that nobody has signed yet.
    ///
    /// - Parameters:
    ///   - operation: `pinReset`, `pinUnblock` or `pinReload`.
    ///   - minutes: how long it holds, up to a day.
    ///   - now: milliseconds since 1970 UTC.
    ///
    /// Throws `pin-approval.validity`, `pin-approval.operation`, and `approval.cryptography`.
    public static func request(
        _ operation: KeyOperation, card: CardKeyContext, ticket: WorkTicket, requester: String, minutes: UInt64,
        at now: UInt64
    ) throws(Faults) -> ApprovalDocument {
        guard operation.isPINService else {
            throw Faults("pin-approval.operation", ["operation": operation.rawValue])
        }
        guard (1...longestMinutes).contains(minutes) else {
            throw Faults("pin-approval.validity", ["minutes": String(minutes), "most": String(longestMinutes)])
        }
        do throws(ApprovalError) {
            return ApprovalDocument(
                try ApprovalRequest(
                    operation.rawValue, KeyUseSession.approvalDetails(card: card, ticket: ticket),
                    requester: requester, issued: now, expires: now + minutes * minute))
        } catch {
            throw Faults(error.faults) ?? Faults("approval.malformed-request")
        }
    }
}

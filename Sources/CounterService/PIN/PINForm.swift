import CardApplication
import CardCryptography
import CardData
import Lifecycle

/// What a window does for a holder's PIN: one service, one screen.
enum PINForm: String, CaseIterable {
    case change
    case reset
    case unblock

    /// The service as the log names it.
    var service: PINService {
        switch self {
        case .change: .change
        case .reset: .reset
        case .unblock: .unblock
        }
    }

    /// The row of the table that judges it.
    var row: TransitionRow { TransitionTable.row(service.transition) }

    /// The service with the PINs that were typed; throws every fault of theirs, and shows none of them.
    func act(_ fields: Fields) throws(Faults) -> HolderPIN.Act {
        var faults = FaultCollector()
        let old =
            self == .change
            ? faults.attempt { () throws(Faults) in try Self.pin(fields.secret("old-pin"), of: "old-pin") } : nil
        let new = self == .unblock ? nil : faults.attempt { () throws(Faults) in try Self.newPIN(fields) }
        try faults.check()
        switch (self, old, new) {
        case (.change, let old?, let new?): return .change(from: old, to: new)
        case (.reset, _, let new?): return .reset(to: new)
        default: return .unblock
        }
    }

    /// A new PIN, typed twice; trivial ones such as 123456 are refused.
    static func newPIN(_ fields: Fields) throws(Faults) -> PersonalIdentificationNumber {
        let pin = try pin(fields.secret("new-pin"), of: "new-pin")
        guard pin == (try? Self.pin(fields.secret("new-pin-again"), of: "new-pin-again")) else {
            throw Faults("pin.entries-differ")
        }
        guard !pin.isTrivial else { throw Faults("pin.trivial") }
        return pin
    }

    private static func pin(_ digits: String, of field: String) throws(Faults) -> PersonalIdentificationNumber {
        do {
            return try PersonalIdentificationNumber(digits: digits)
        } catch {
            throw Faults("pin.malformed", ["field": field])
        }
    }
}

import CPCSC

/// Whether other programs may hold the same card.
public enum CardSharing: Hashable, Sendable {
    /// Nobody else may hold it: `SCARD_SHARE_EXCLUSIVE`. For everything that authenticates.
    case exclusive
    /// Others may hold it, but wait outside the transaction: `SCARD_SHARE_SHARED`.
    case shared

    var mode: DWORD { DWORD(self == .exclusive ? SCARD_SHARE_EXCLUSIVE : SCARD_SHARE_SHARED) }
}

/// What becomes of a card that is let go of.
public enum CardDisposition: Hashable, Sendable {
    /// It stays as it is, authenticated states included: `SCARD_LEAVE_CARD`.
    case leave
    /// It forgets selection and authentication: `SCARD_RESET_CARD`.
    case reset
    /// It is powered off: `SCARD_UNPOWER_CARD`.
    case powerOff

    var code: DWORD {
        switch self {
        case .leave: DWORD(SCARD_LEAVE_CARD)
        case .reset: DWORD(SCARD_RESET_CARD)
        case .powerOff: DWORD(SCARD_UNPOWER_CARD)
        }
    }
}

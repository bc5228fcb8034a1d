import CPCSC
import ISO7816

/// A PC/SC function that returned anything but `SCARD_S_SUCCESS`.
struct PCSCFailure: Error {
    /// The function's name.
    let function: String
    /// What it returned, one of the `SCARD_` codes.
    let code: Int

    /// True when the PC/SC service went away, so that its contexts are worthless and a new one may do.
    var lostService: Bool {
        [SCARD_E_NO_SERVICE, SCARD_E_SERVICE_STOPPED, SCARD_E_INVALID_HANDLE, SCARD_F_COMM_ERROR].contains(code)
    }

    /// True when the card in the slot gave no answer to reset.
    var isMute: Bool { [SCARD_W_UNRESPONSIVE_CARD, SCARD_W_UNPOWERED_CARD].contains(code) }

    /// The failure as one of a card in use.
    var channelError: CardChannelError {
        switch code {
        case SCARD_W_REMOVED_CARD, SCARD_E_NO_SMARTCARD: .cardRemoved
        case SCARD_W_RESET_CARD: .cardWasReset
        case SCARD_W_UNRESPONSIVE_CARD, SCARD_W_UNPOWERED_CARD: .cardMute
        case SCARD_E_READER_UNAVAILABLE, SCARD_E_UNKNOWN_READER: .readerRemoved
        default: .reader(function: function, code: code)
        }
    }

    /// The failure as one of reaching a card, or of the service itself.
    func readerError(_ reader: ReaderName? = nil) -> ReaderError {
        switch (code, reader) {
        case (SCARD_E_NO_SERVICE, _), (SCARD_E_SERVICE_STOPPED, _), (SCARD_F_COMM_ERROR, _): .serviceNotRunning
        case (SCARD_W_SECURITY_VIOLATION, _), (SCARD_E_NO_ACCESS, _): .accessRefused
        case (SCARD_E_NO_READERS_AVAILABLE, _): .noReader
        case (SCARD_E_NO_MEMORY, nil), (SCARD_E_SERVER_TOO_BUSY, nil): .serviceFull
        case (SCARD_E_NO_SMARTCARD, let reader?), (SCARD_W_REMOVED_CARD, let reader?): .noCard(reader)
        case (SCARD_W_UNRESPONSIVE_CARD, let reader?), (SCARD_W_UNPOWERED_CARD, let reader?): .cardMute(reader)
        case (SCARD_E_SHARING_VIOLATION, let reader?): .cardHeld(reader)
        case (SCARD_E_PROTO_MISMATCH, let reader?), (SCARD_W_UNSUPPORTED_CARD, let reader?): .cardUnsupported(reader)
        case (SCARD_E_READER_UNAVAILABLE, let reader?): .readerRemoved(reader)
        default: .system(function: function, code: code)
        }
    }
}

/// Throws unless a PC/SC function returned success.
func check(_ code: Int, _ function: StaticString) throws(PCSCFailure) {
    guard code != SCARD_S_SUCCESS else { return }
    throw PCSCFailure(function: "\(function)", code: code)
}

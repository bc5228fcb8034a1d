import CPCSC
import ISO7816

/// A card held by this program, let go of when it goes out of scope.
struct CardConnection: ~Copyable {
    let handle: SCARDHANDLE
    let activeProtocol: DWORD
    let sharing: CardSharing
    private let disposition: CardDisposition

    private init(
        handle: SCARDHANDLE, activeProtocol: DWORD, sharing: CardSharing, disposition: CardDisposition
    ) {
        self.handle = handle
        self.activeProtocol = activeProtocol
        self.sharing = sharing
        self.disposition = disposition
    }

    /// Powers the card and takes hold of it (`SCardConnect`).
    ///
    /// A mute card is powered a few times; the call blocks meanwhile.
    static func open(
        _ context: SCARDCONTEXT, _ reader: ReaderName, _ sharing: CardSharing, afterwards disposition: CardDisposition
    ) throws(PCSCFailure) -> CardConnection {
        var handle: SCARDHANDLE = 0
        var activeProtocol: DWORD = 0
        try PowerUp.retried { () throws(PCSCFailure) in
            try check(
                SCardConnect(context, reader.rawValue, sharing.mode, cardProtocols, &handle, &activeProtocol),
                "SCardConnect")
        }
        return CardConnection(
            handle: handle, activeProtocol: activeProtocol, sharing: sharing, disposition: disposition)
    }

    /// Runs `body` in a transaction: no command of another program comes between two of its own.
    borrowing func inTransaction<R>(_ body: () throws -> R) throws -> R {
        do throws(PCSCFailure) {
            try check(SCardBeginTransaction(handle), "SCardBeginTransaction")
        } catch {
            throw error.channelError
        }
        defer { SCardEndTransaction(handle, DWORD(SCARD_LEAVE_CARD)) }
        return try body()
    }

    deinit { SCardDisconnect(handle, disposition.code) }
}

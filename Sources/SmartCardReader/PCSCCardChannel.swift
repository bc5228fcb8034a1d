import CPCSC
import Glibc
public import ISO7816

/// A card in a PC/SC reader, inside a transaction.
///
/// It shows the card as it is: 61xx and 6Cxx come through, and `TransportChannel` around it hides them. Commands are laid
/// out in one buffer and answers received in another, both kept for the life of the channel, so that an exchange allocates
/// nothing but the answer's data.
public final class PCSCCardChannel: CardChannel {
    /// pcsc-lite's `MAX_BUFFER_SIZE`, more than any short command or answer needs.
    private static let capacity = 264

    /// Longer than the 400 ms between two of pcscd's looks at a slot (`PCSCLITE_STATUS_POLL_RATE`).
    private static let removalShowsWithin: DWORD = 600

    private let context: SCARDCONTEXT
    private let card: SCARDHANDLE
    private let inserted: ReaderStatus
    private let sharing: CardSharing
    private let silence: SilenceWatch
    private var activeProtocol: DWORD
    private let command = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    private let answer = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    /// The answer to the last reset of this program.
    public private(set) var answerToReset: AnswerToReset
    /// What the reader says that it takes, 255 at most: short commands only.
    public let largestCommandData: Int

    /// A channel to a card that is held.
    ///
    /// - Parameters:
    ///   - connection: the hold.
    ///   - context: the context it was made in, which lives as long as the channel is used.
    ///   - inserted: the slot with the card in it.
    ///   - answerToReset: what that says of the card.
    ///   - silence: told of commands that are long without an answer.
    init(
        _ connection: borrowing CardConnection, context: SCARDCONTEXT, inserted: ReaderStatus,
        answerToReset: AnswerToReset, silence: SilenceWatch
    ) {
        self.silence = silence
        self.context = context
        self.inserted = inserted
        card = connection.handle
        sharing = connection.sharing
        activeProtocol = connection.activeProtocol
        largestCommandData = ReaderCapacity.commandData(of: connection.handle)
        self.answerToReset = answerToReset
    }

    /// Sends one command in the form of the active protocol.
    public func transmit(_ command: CommandAPDU) throws(CardChannelError) -> ResponseAPDU {
        let length = command.write(to: self.command, isT0: activeProtocol == DWORD(SCARD_PROTOCOL_T0))
        var request = SCARD_IO_REQUEST(
            dwProtocol: activeProtocol, cbPciLength: DWORD(MemoryLayout<SCARD_IO_REQUEST>.size))
        var received = DWORD(Self.capacity)
        silence.begin()
        let code = SCardTransmit(card, &request, self.command, DWORD(length), nil, answer, &received)
        silence.end()
        guard code == SCARD_S_SUCCESS else {
            throw failure(code, received: Int(received))
        }
        let count = Int(received)
        // A virtual reader whose card goes away in the middle of a command reports success and not one byte.
        if count == 0 && isRemoved() { throw .cardRemoved }
        guard (2...258).contains(count) else { throw .malformedAnswer(count) }
        return ResponseAPDU(
            data: count == 2 ? [] : Array(UnsafeBufferPointer(start: answer, count: count - 2)),
            StatusWord(answer[count - 2], answer[count - 1]))
    }

    /// Resets the card and takes note of its new answer to reset; the transaction goes on.
    public func reset() throws(CardChannelError) {
        do throws(PCSCFailure) {
            try check(
                SCardReconnect(
                    card, sharing.mode, cardProtocols, DWORD(SCARD_RESET_CARD), &activeProtocol), "SCardReconnect")
            answerToReset = try currentAnswerToReset()
        } catch {
            throw error.channelError
        }
    }

    private func failure(_ code: Int, received: Int) -> CardChannelError {
        switch code {
        case SCARD_E_INSUFFICIENT_BUFFER: .malformedAnswer(received)
        case SCARD_E_NOT_TRANSACTED: isRemoved() ? .cardRemoved : .cardMute
        default: PCSCFailure(function: "SCardTransmit", code: code).channelError
        }
    }

    /// Tells a card that was just pulled from one that does not answer: pcscd finds the first out at its next look.
    private func isRemoved() -> Bool {
        let deadline = ContinuousClock.now + .milliseconds(Int64(Self.removalShowsWithin))
        var known = inserted.rawState
        while ContinuousClock.now < deadline {
            let reader = [(name: inserted.name, known: known)]
            let status = try? readerStatus(context, reader, milliseconds: Self.removalShowsWithin)?.first
            guard let status else { return false }
            if status.eventCounter != inserted.eventCounter || status.cardState != .present { return true }
            known = status.rawState
        }
        return false
    }

    private func currentAnswerToReset() throws(PCSCFailure) -> AnswerToReset {
        var bytes = [UInt8](repeating: 0, count: Int(MAX_ATR_SIZE))
        var length = DWORD(bytes.count)
        try check(SCardStatus(card, nil, nil, nil, nil, &bytes, &length), "SCardStatus")
        do {
            return try AnswerToReset(bytes: Array(bytes.prefix(Int(length))))
        } catch {
            throw PCSCFailure(function: "SCardStatus", code: SCARD_E_INVALID_ATR)
        }
    }

    deinit {
        // PINs and cryptograms pass through here; nothing of them stays behind.
        explicit_bzero(command, Self.capacity)
        explicit_bzero(answer, Self.capacity)
        command.deallocate()
        answer.deallocate()
    }
}

/// Both protocols of ISO/IEC 7816-3; the card's own choice is taken.
let cardProtocols = DWORD(SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1)

import CPCSC
import ISO7816

/// One answer of `SCardGetStatusChange` about one reader.
struct ReaderStatus {
    let name: ReaderName
    /// `dwEventState`: flags in the lower half, the event counter in the upper.
    let rawState: DWORD
    let answerToReset: [UInt8]

    var eventCounter: UInt16 { UInt16(truncatingIfNeeded: rawState >> 16) }

    func has(_ flag: Int32) -> Bool { rawState & DWORD(flag) != 0 }

    var cardState: ReaderDescription.CardState {
        if has(SCARD_STATE_UNKNOWN) || has(SCARD_STATE_UNAVAILABLE) { return .unknown }
        guard has(SCARD_STATE_PRESENT) else { return has(SCARD_STATE_EMPTY) ? .empty : .unknown }
        return has(SCARD_STATE_MUTE) ? .mute : .present
    }

    var description: ReaderDescription {
        ReaderDescription(
            name: name, cardState: cardState, answerToReset: try? AnswerToReset(bytes: answerToReset),
            eventCounter: eventCounter, isHeldExclusively: has(SCARD_STATE_EXCLUSIVE))
    }
}

/// Asks for the status of readers, or waits until one differs from what is known of it (`SCardGetStatusChange`).
///
/// - Parameters:
///   - context: the PC/SC context.
///   - readers: each reader with its last `rawState`, or `SCARD_STATE_UNAWARE` to be told at once.
///   - milliseconds: how long to wait; 0 does not wait.
/// - Returns: nil when nothing changed in that time.
/// - Throws: what the function returned, `SCARD_E_CANCELLED` after `SCardCancel` among it.
func readerStatus(
    _ context: SCARDCONTEXT, _ readers: [(name: ReaderName, known: DWORD)], milliseconds: DWORD
) throws(PCSCFailure) -> [ReaderStatus]? {
    // The names stand one after the other in one buffer, which lives until the call has returned.
    var names: [CChar] = []
    let offsets = readers.map { reader in
        defer { names += reader.name.rawValue.utf8.map { CChar(bitPattern: $0) } + [0] }
        return names.count
    }
    var states = readers.map { reader in
        var state = SCARD_READERSTATE()
        state.dwCurrentState = reader.known
        return state
    }
    let code = names.withUnsafeBufferPointer { names in
        for index in states.indices { states[index].szReader = names.baseAddress.map { $0 + offsets[index] } }
        return SCardGetStatusChange(context, milliseconds, &states, DWORD(states.count))
    }
    if code == SCARD_E_TIMEOUT && milliseconds > 0 { return nil }
    if code != SCARD_E_TIMEOUT { try check(code, "SCardGetStatusChange") }
    return zip(readers, states).map { reader, state in
        ReaderStatus(
            name: reader.name, rawState: state.dwEventState,
            answerToReset: withUnsafeBytes(of: state.rgbAtr) { Array($0.prefix(Int(state.cbAtr))) })
    }
}

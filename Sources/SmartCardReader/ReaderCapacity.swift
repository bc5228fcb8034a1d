import CPCSC

/// How much a reader takes in one command, as it says itself by SCARD_ATTR_MAXINPUT.
enum ReaderCapacity {
    /// A whole short command: for readers that do not say.
    static let whole = 255
    /// CLA INS P1 P2 Lc before the data, and Le behind them.
    private static let frame = 6
    /// Fewer bytes of data than this no reader means; the profiles' least.
    private static let least = 16

    /// The most data bytes of a command to a card that is held; the reader is asked once.
    static func commandData(of card: SCARDHANDLE) -> Int {
        var bytes = [UInt8](repeating: 0, count: MemoryLayout<UInt64>.size)
        var length = DWORD(bytes.count)
        guard SCardGetAttrib(card, cpcsc_attribute_maximum_input, &bytes, &length) == SCARD_S_SUCCESS,
            length <= DWORD(bytes.count)
        else { return whole }
        return commandData(answer: Array(bytes.prefix(Int(length))))
    }

    /// The same from the reader's answer: the bytes of the longest command, least significant first.
    static func commandData(answer: [UInt8]) -> Int {
        let longest = answer.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard (UInt64(least + frame)...UInt64(whole + frame)).contains(longest) else { return whole }
        return Int(longest) - frame
    }
}

import CPCSC

extension Duration {
    /// For PC/SC calls, which take no less than 1.
    var wholeMilliseconds: DWORD {
        let milliseconds = components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
        return DWORD(max(1, milliseconds))
    }
}

import ISO7816

extension CommandAPDU {
    /// Writes the command as a protocol sends it (ISO/IEC 7816-3 §12).
    ///
    /// T=1 sends all four cases as they are. T=0 has five bytes of header always, so case 1 gets a P3 of 00; and it has no
    /// room for an Le behind data, so case 4 goes without, and the card says 61xx when an answer waits.
    ///
    /// - Parameters:
    ///   - buffer: room for at least 261 bytes.
    ///   - isT0: whether the active protocol is T=0.
    /// - Returns: how many bytes were written.
    func write(to buffer: UnsafeMutablePointer<UInt8>, isT0: Bool) -> Int {
        buffer[0] = cla
        buffer[1] = ins
        buffer[2] = p1
        buffer[3] = p2
        guard data.isEmpty else {
            buffer[4] = UInt8(data.count)
            data.withUnsafeBufferPointer { data in
                if let start = data.baseAddress { (buffer + 5).update(from: start, count: data.count) }
            }
            guard let expectedLength, !isT0 else { return 5 + data.count }
            buffer[5 + data.count] = UInt8(truncatingIfNeeded: expectedLength)
            return 6 + data.count
        }
        guard let expectedLength else {
            buffer[4] = 0
            return isT0 ? 5 : 4
        }
        buffer[4] = UInt8(truncatingIfNeeded: expectedLength)
        return 5
    }
}

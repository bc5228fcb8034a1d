/// Takes messages out of a stream of bytes.
///
/// Messages are told apart by length alone, since one segment may hold several of them or a part of one. The buffer has
/// room for the longest message, 2 + 65,535 bytes, and is the only one.
struct VirtualReaderInbox {
    /// The buffer; bytes of a command stand where the message says.
    private(set) var bytes = [UInt8](repeating: 0, count: 2 + 65_535)
    private var start = 0
    private var end = 0

    /// Receives bytes behind those that wait to be completed.
    ///
    /// - Parameter read: writes into the room it is given and returns how many bytes it wrote.
    /// - Returns: the same number.
    mutating func receive<Failure: Error>(
        _ read: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
    ) throws(Failure) -> Int {
        if start > 0 {
            bytes.replaceSubrange(0..<end - start, with: bytes[start..<end])
            end -= start
            start = 0
        }
        let result = bytes.withUnsafeMutableBytes { bytes in
            Result { () throws(Failure) in try read(UnsafeMutableRawBufferPointer(rebasing: bytes[end...])) }
        }
        let count = try result.get()
        end += count
        return count
    }

    /// The next whole message, nil when there is none yet.
    mutating func next() -> VirtualReaderMessage? {
        guard end - start >= 2 else { return nil }
        let body = start + 2..<start + 2 + Int(bytes[start]) << 8 + Int(bytes[start + 1])
        guard body.upperBound <= end else { return nil }
        start = body.upperBound
        if body.count > 1 { return .command(body) }
        return switch body.isEmpty ? nil : bytes[body.lowerBound] {
        case 0x00: .powerOff
        case 0x01: .powerOn
        case 0x02: .reset
        case 0x04: .answerToReset
        default: .unknown
        }
    }
}

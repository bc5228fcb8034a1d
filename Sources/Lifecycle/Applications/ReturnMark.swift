/// Which factory return an act comes from: SHA-256 of its file, so that the same file booked once more is known.
public struct ReturnMark: Hashable, Sendable {
    /// The hash, 32 bytes.
    public let bytes: [UInt8]

    /// A mark; nil for anything but 32 bytes.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }
}

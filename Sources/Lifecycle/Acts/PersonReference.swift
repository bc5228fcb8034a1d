/// Which person an event is about: a keyed hash of the social security number, 32 bytes.
///
/// The key stays at the counter, so that whoever holds a log alone cannot try numbers out.
public struct PersonReference: Hashable, Sendable {
    /// 32 bytes.
    public let bytes: [UInt8]

    /// Takes 32 bytes.
    ///
    /// - Returns: nil for any other number of bytes.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }
}

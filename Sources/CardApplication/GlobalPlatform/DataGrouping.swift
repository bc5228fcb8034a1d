import ByteText

/// A data grouping of EMV CPS: a two-byte identifier (DGI) with its value, the unit in which STORE DATA brings data.
public struct DataGrouping: Hashable, Sendable {
    /// The identifier; 01xx to 1Exx are record xx of the file with that short identifier.
    public let identifier: UInt16
    /// The value.
    public let value: [UInt8]

    /// A grouping; nil for a value whose length no grouping can state (more than 65535 bytes).
    public init?(_ identifier: UInt16, _ value: [UInt8]) {
        guard value.count <= 0xFFFF else { return nil }
        self.identifier = identifier
        self.value = value
    }

    /// Identifier, length (one byte, or FF and two), value.
    public var bytes: [UInt8] {
        let length =
            value.count < 0xFF ? [UInt8(value.count)] : [0xFF] + UInt16(value.count).bigEndianBytes
        return identifier.bigEndianBytes + length + value
    }
}

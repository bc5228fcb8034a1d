/// Numbers as bytes, most significant first, the order of every format in this project.
extension FixedWidthInteger where Self: UnsignedInteger {
    /// The number's bytes, most significant first.
    @inlinable
    public var bigEndianBytes: [UInt8] {
        (0..<Self.bitWidth / 8).reversed().map { UInt8(truncatingIfNeeded: self >> ($0 * 8)) }
    }

    /// Reads a number from exactly as many bytes as it has, most significant first.
    ///
    /// - Returns: nil when there are more or fewer bytes.
    @inlinable
    public init?(bigEndianBytes bytes: some Collection<UInt8>) {
        guard bytes.count == Self.bitWidth / 8 else { return nil }
        self = bytes.reduce(0) { $0 << 8 | Self($1) }
    }
}

extension [UInt8] {
    /// Appends a number, most significant byte first.
    @inlinable
    public mutating func append(bigEndian number: some FixedWidthInteger & UnsignedInteger) {
        var shift = number.bitWidth
        while shift > 0 {
            shift -= 8
            append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }
}

/// Reads a byte string from front to back without ever stepping past its end.
public struct ByteReader: Sendable {
    /// The text ended before what was asked for.
    public struct Exhausted: Error, Hashable, Sendable {
        /// Where reading stopped, in bytes from the start.
        public let offset: Int
    }

    private let bytes: [UInt8]
    /// How many bytes have been read.
    public private(set) var offset = 0

    /// Starts at the first byte.
    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// How many bytes are left.
    public var remaining: Int { bytes.count - offset }

    /// The next `count` bytes.
    public mutating func take(_ count: Int) throws(Exhausted) -> [UInt8] {
        guard count >= 0, count <= remaining else { throw Exhausted(offset: offset) }
        defer { offset += count }
        return Array(bytes[offset..<offset + count])
    }

    /// The next number, most significant byte first.
    public mutating func takeInteger<Number: FixedWidthInteger & UnsignedInteger>(
        _: Number.Type = Number.self
    ) throws(Exhausted) -> Number {
        let start = offset
        guard let number = Number(bigEndianBytes: try take(Number.bitWidth / 8)) else { throw Exhausted(offset: start) }
        return number
    }
}

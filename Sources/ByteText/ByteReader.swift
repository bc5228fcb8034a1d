/// Reads a byte string from front to back without ever stepping past its end.
public struct ByteReader: Sendable {
    /// The text ended before what was asked for.
    public struct Exhausted: Error, Hashable, Sendable {
        /// Where reading stopped, in bytes from the start.
        public let offset: Int

        @usableFromInline
        init(offset: Int) { self.offset = offset }
    }

    @usableFromInline let bytes: [UInt8]
    @usableFromInline var position = 0

    /// Starts at the first byte.
    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// How many bytes have been read.
    public var offset: Int { position }

    /// How many bytes are left.
    @inlinable public var remaining: Int { bytes.count - position }

    /// The next `count` bytes.
    public mutating func take(_ count: Int) throws(Exhausted) -> [UInt8] {
        guard count >= 0, count <= remaining else { throw Exhausted(offset: position) }
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    /// The next number, most significant byte first.
    ///
    /// A log is read by millions of these: each caller gets a copy for its own kind of number, which makes no array on the way.
    @inlinable
    public mutating func takeInteger<Number: FixedWidthInteger & UnsignedInteger>(
        _: Number.Type = Number.self
    ) throws(Exhausted) -> Number {
        let count = Number.bitWidth / 8
        guard count <= remaining else { throw Exhausted(offset: position) }
        var number: Number = 0
        for place in position..<position + count { number = number << 8 | Number(truncatingIfNeeded: bytes[place]) }
        position += count
        return number
    }
}

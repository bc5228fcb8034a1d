/// Byte strings behind their lengths, as state files and journals keep them.
extension [UInt8] {
    /// Appends bytes behind their number, most significant byte first; no caller has more than a number of that type counts.
    @inlinable
    public mutating func appendCounted<Length: FixedWidthInteger & UnsignedInteger>(
        _ bytes: [UInt8], by _: Length.Type = UInt32.self
    ) {
        append(contentsOf: Length(bytes.count).bigEndianBytes)
        append(contentsOf: bytes)
    }
}

extension ByteReader {
    /// The bytes behind their number.
    public mutating func takeCounted<Length: FixedWidthInteger & UnsignedInteger>(
        by _: Length.Type = UInt32.self
    ) throws(Exhausted) -> [UInt8] {
        try take(Int(clamping: takeInteger(Length.self)))
    }
}

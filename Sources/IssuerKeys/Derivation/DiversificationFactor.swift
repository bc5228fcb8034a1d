import ByteText

/// The 8 bytes that diversify a key for one province, city or card.
public struct DiversificationFactor: Hashable, Sendable {
    /// The bytes as a number, most significant first.
    let value: UInt64

    /// A factor of exactly 8 bytes; nil for others.
    public init?(_ bytes: [UInt8]) {
        guard let value = UInt64(bigEndianBytes: bytes) else { return nil }
        self.value = value
    }

    /// The 8 bytes.
    public var bytes: [UInt8] { value.bigEndianBytes }

    /// F ‖ NOT F, what is enciphered to diversify.
    var block: [16 of UInt8] {
        unsafeBitCast((value.bigEndian, ~value.bigEndian), to: [16 of UInt8].self)
    }
}

extension DiversificationFactor: CustomStringConvertible {
    /// 16 hexadecimal digits.
    public var description: String { value.hexadecimal }
}

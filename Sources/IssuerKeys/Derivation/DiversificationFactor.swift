import ByteText

/// The 8 bytes that diversify a key for one province, city or card.
public struct DiversificationFactor: Hashable, Sendable {
    /// The bytes as a number, most significant first.
    let value: UInt64

    /// A factor from its number.
    init(value: UInt64) { self.value = value }

    /// A factor of exactly 8 bytes; nil for others.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == 8 else { return nil }
        // by hand: this runs for every card command, and generic code of another module is not specialised here
        var value: UInt64 = 0
        for byte in bytes { value = value << 8 | UInt64(byte) }
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

import ByteText

/// What a card says of itself when it is powered (ISO/IEC 7816-3 §8).
public struct AnswerToReset: Hashable, Sendable {
    /// Why bytes are not an answer to reset.
    public enum Malformed: Error, Hashable, Sendable {
        /// Fewer than 2 or more than 33 bytes.
        case length(Int)
        /// TS is neither 3B nor 3F.
        case initialCharacter(UInt8)
        /// Interface or historical bytes are missing at this offset.
        case truncated(Int)
    }

    /// All bytes, TS first.
    public let bytes: [UInt8]
    /// The historical bytes T1…TK, at most 15.
    public let historicalBytes: [UInt8]
    /// TA1 when present: Fi and Di, which set the speed (high nibble Fi, low nibble Di).
    public let speed: UInt8?

    /// Reads an answer to reset; the check character is not judged, since readers have done so.
    public init(bytes: [UInt8]) throws(Malformed) {
        guard (2...33).contains(bytes.count) else { throw .length(bytes.count) }
        guard bytes[0] == 0x3B || bytes[0] == 0x3F else { throw .initialCharacter(bytes[0]) }
        let historicalCount = Int(bytes[1] & 0x0F)
        var offset = 2
        var indicator = bytes[1] >> 4
        var first = true
        var speed: UInt8?
        while indicator != 0 {
            var next: UInt8 = 0
            for bit in 0..<4 where indicator & (1 << bit) != 0 {
                guard offset < bytes.count else { throw .truncated(offset) }
                if bit == 0 && first { speed = bytes[offset] }
                if bit == 3 { next = bytes[offset] >> 4 }
                offset += 1
            }
            indicator = next
            first = false
        }
        guard offset + historicalCount <= bytes.count else { throw .truncated(offset) }
        self.bytes = bytes
        self.speed = speed
        historicalBytes = Array(bytes[offset..<offset + historicalCount])
    }
}

extension AnswerToReset: CustomStringConvertible {
    /// Hexadecimal digits.
    public var description: String { bytes.hexadecimal }
}

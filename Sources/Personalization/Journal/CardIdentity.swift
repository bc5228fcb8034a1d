import ByteText
public import ISO7816

/// What tells one chip from another: its historical bytes (复位信息, 13 bytes on a social-security card).
public struct CardIdentity: Hashable, Sendable {
    /// The historical bytes.
    public let historicalBytes: [UInt8]

    /// The identity of the card that gave this answer; nil when it has no historical bytes.
    public init?(_ answer: AnswerToReset) {
        guard !answer.historicalBytes.isEmpty else { return nil }
        historicalBytes = answer.historicalBytes
    }

    /// Reads ``text``; nil when it is not 1…15 bytes (ISO/IEC 7816-3 §8.2.4) as hexadecimal digits.
    public init?(text: String) {
        guard let bytes = [UInt8](hexadecimal: text), (1...15).contains(bytes.count) else { return nil }
        historicalBytes = bytes
    }

    /// The bytes as hexadecimal digits.
    public var text: String { historicalBytes.hexadecimal }
}

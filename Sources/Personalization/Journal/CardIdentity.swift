import ByteText
public import CardLayout
public import ISO7816

/// What tells one chip from another: bytes of its answer to reset, chosen by a rule of its kind.
public struct CardIdentity: Hashable, Sendable {
    /// The bytes; by the standard rule the historical ones.
    public let bytes: [UInt8]

    /// The identity of the card that gave this answer; nil when the answer is too short for the rule.
    public init?(_ answer: AnswerToReset, rule: CardIdentityRule = .standard) {
        guard let bytes = rule.bytes(of: answer) else { return nil }
        self.bytes = bytes
    }

    /// Reads ``text``; nil when it is not 1…33 bytes, the most an answer to reset has (ISO/IEC 7816-3 §8.2.4), as hexadecimal digits.
    public init?(text: String) {
        guard let bytes = [UInt8](hexadecimal: text), (1...33).contains(bytes.count) else { return nil }
        self.bytes = bytes
    }

    /// The bytes as hexadecimal digits.
    public var text: String { bytes.hexadecimal }
}

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

    /// An identity as a journal's name has it; nil for anything but pairs of hexadecimal digits.
    public init?(_ text: some StringProtocol) {
        guard let bytes = [UInt8](hexadecimal: text), !bytes.isEmpty else { return nil }
        self.bytes = bytes
    }

    /// The bytes as hexadecimal digits.
    public var text: String { bytes.hexadecimal }
}

public import ISO7816

/// Which bytes tell one chip from another of its kind: the profile setting `identity`.
public enum CardIdentityRule: Hashable, Sendable {
    /// Historical bytes from an offset on (T1 is 0): `count` of them, or all that follow where it is nil.
    case historicalBytes(offset: Int, count: Int?)
    /// The whole answer to reset, for kinds that keep their serial number among the interface bytes.
    case answerToReset

    /// All historical bytes, which on a social security card end with the chip's serial number (复位信息, 13 bytes).
    public static let standard = CardIdentityRule.historicalBytes(offset: 0, count: nil)

    /// The identity of the card that gave this answer; nil when the answer is too short for the rule.
    public func bytes(of answer: AnswerToReset) -> [UInt8]? {
        switch self {
        case .historicalBytes(let offset, let count):
            let bytes = answer.historicalBytes.dropFirst(max(offset, 0))
            guard !bytes.isEmpty, bytes.count >= count ?? 1 else { return nil }
            return Array(bytes.prefix(max(count ?? bytes.count, 1)))
        case .answerToReset: return answer.bytes
        }
    }
}

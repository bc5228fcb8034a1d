/// An act of which a policy may say how many one officer does in a day.
///
/// What stops a card is not among them: a loss, a hold and a cancellation are taken at once, however many there are.
public enum LimitedAct: String, Hashable, Sendable, CaseIterable {
    /// 重置密码.
    case resetPIN = "reset-pin"
    /// 解锁密码.
    case unblockPIN = "unblock-pin"
    /// 补领 after a loss.
    case replaceLost = "replace-lost"
    /// 换领.
    case renew
    /// 解挂, of whatever restrictions.
    case release
    /// 更正.
    case correct
    /// 费用处理.
    case answerFee = "answer-fee"

    /// What an act is; nil for one that no policy limits.
    public init?(_ act: Act) {
        switch act {
        case .pinServed(.reset, _): self = .resetPIN
        case .pinServed(.unblock, _): self = .unblockPIN
        case .replaced(_, let reason): self = reason == .lost ? .replaceLost : .renew
        case .released: self = .release
        case .corrected: self = .correct
        case .feeAnswered: self = .answerFee
        default: return nil
        }
    }

    /// The Chinese name.
    public var chinese: String { Transition(rawValue: rawValue)?.chinese ?? "解挂" }

    /// The kinds of events that such acts are.
    public static let kinds: [ActKind] = [.pinServed, .replaced, .released, .corrected, .feeAnswered]
}

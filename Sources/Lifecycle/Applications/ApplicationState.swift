/// Part A of lifecycle-and-sync.md §3, 申请: where an application stands.
public enum ApplicationState: String, Hashable, Sendable, CaseIterable {
    /// 已受理.
    case submitted
    /// 待补件: something is missing.
    case supplement
    /// 已审批.
    case approved
    /// 制卡中.
    case inProduction = "in-production"
    /// 待领.
    case ready
    /// 已领.
    case collected
    /// 未通过.
    case rejected
    /// 已撤回.
    case withdrawn
    /// 逾期未领.
    case lapsed

    /// The Chinese word.
    public var chinese: String {
        switch self {
        case .submitted: "已受理"
        case .supplement: "待补件"
        case .approved: "已审批"
        case .inProduction: "制卡中"
        case .ready: "待领"
        case .collected: "已领"
        case .rejected: "未通过"
        case .withdrawn: "已撤回"
        case .lapsed: "逾期未领"
        }
    }

    /// Whether nothing leads out of it, but the undoing of an error.
    public var isFinal: Bool { [.collected, .rejected, .withdrawn, .lapsed].contains(self) }
}

public import Lifecycle

/// What an operator of a counter may be: the offices' roles of the lifecycle, and the administrator of the service itself.
public enum OperatorRole: String, Hashable, Sendable, CaseIterable, Codable {
    /// 经办员.
    case teller
    /// 复核员.
    case supervisor
    /// 库管员.
    case stockKeeper = "stock-keeper"
    /// 制卡员.
    case personalizer
    /// 管理员: sees how the service runs; handles no act.
    case administrator

    /// The role taken for acts; the administrator has none.
    public var role: Role? {
        switch self {
        case .teller: .teller
        case .supervisor: .supervisor
        case .stockKeeper: .stockKeeper
        case .personalizer: .personalizer
        case .administrator: nil
        }
    }

    /// The Chinese name.
    public var chinese: String { role?.chinese ?? "管理员" }
}

/// In which role a person or a system acts (lifecycle-and-sync.md §3, column "who").
public enum Role: UInt8, Hashable, Sendable, CaseIterable {
    /// T 经办员 at the counter.
    case teller = 1
    /// S 复核员, the supervisor who is the second person.
    case supervisor = 2
    /// K 库管员.
    case stockKeeper = 3
    /// P 制卡员.
    case personalizer = 4
    /// C a 12333 telephone seat.
    case callCentre = 5
    /// B a bank outlet.
    case bankOutlet = 6
    /// Z the holder at a kiosk or in an app.
    case holder = 7
    /// Y a timer at the centre.
    case timer = 8
    /// U an upper tier.
    case upperTier = 9
    /// A pharmacy's or kiosk's terminal.
    case terminal = 10

    /// The role's name in files and JSON.
    public var name: String {
        switch self {
        case .teller: "teller"
        case .supervisor: "supervisor"
        case .stockKeeper: "stock-keeper"
        case .personalizer: "personalizer"
        case .callCentre: "call-centre"
        case .bankOutlet: "bank-outlet"
        case .holder: "holder"
        case .timer: "timer"
        case .upperTier: "upper-tier"
        case .terminal: "terminal"
        }
    }

    /// The Chinese name.
    public var chinese: String {
        switch self {
        case .teller: "经办员"
        case .supervisor: "复核员"
        case .stockKeeper: "库管员"
        case .personalizer: "制卡员"
        case .callCentre: "12333 座席"
        case .bankOutlet: "银行网点"
        case .holder: "持卡人"
        case .timer: "定时任务"
        case .upperTier: "上级机构"
        case .terminal: "终端"
        }
    }
}

/// A person who handles an act, in the role taken for it.
public struct Officer: Hashable, Sendable {
    /// The person's number in the operators' register; 0 belongs to nobody.
    public let number: UInt64
    /// The role taken.
    public let role: Role

    /// An officer in a role.
    public init(number: UInt64, role: Role) {
        self.number = number
        self.role = role
    }
}

/// What was done for the holder's PIN on the chip (lifecycle-and-sync.md §3, 密码).
public enum PINService: UInt8, Hashable, Sendable, CaseIterable {
    /// 修改密码: the holder gave the old PIN and a new one.
    case change = 1
    /// 重置密码: a new PIN took the place of a forgotten or blocked one.
    case reset = 2
    /// 解锁密码: a blocked PIN got its tries back.
    case unblock = 3

    /// The name in JSON and on the command line.
    public var name: String {
        switch self {
        case .change: "change"
        case .reset: "reset"
        case .unblock: "unblock"
        }
    }

    /// The Chinese name.
    public var chinese: String {
        switch self {
        case .change: "修改密码"
        case .reset: "重置密码"
        case .unblock: "解锁密码"
        }
    }

    /// The row of the table that allows it.
    public var transition: Transition {
        switch self {
        case .change: .changePIN
        case .reset: .resetPIN
        case .unblock: .unblockPIN
        }
    }
}

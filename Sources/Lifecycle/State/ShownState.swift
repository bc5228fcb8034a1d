/// The one word shown to people: the most severe of all that holds, in this order (lifecycle-and-sync.md §3 C).
public enum ShownState: String, Hashable, Sendable, CaseIterable {
    /// 已注销.
    case ended
    /// 正式挂失.
    case loss
    /// 停用.
    case hold
    /// 临时挂失.
    case temporaryLoss = "temp-loss"
    /// 密码锁定.
    case pinLock = "pin-lock"
    /// 封存.
    case sealed
    /// 正常.
    case normal

    /// The Chinese word.
    public var chinese: String {
        switch self {
        case .ended: "已注销"
        case .loss: "正式挂失"
        case .hold: "停用"
        case .temporaryLoss: "临时挂失"
        case .pinLock: "密码锁定"
        case .sealed: "封存"
        case .normal: "正常"
        }
    }

    /// The English words.
    public var english: String {
        switch self {
        case .ended: "ended"
        case .loss: "lost"
        case .hold: "on hold"
        case .temporaryLoss: "temporarily lost"
        case .pinLock: "PIN locked"
        case .sealed: "sealed, not enabled"
        case .normal: "normal"
        }
    }

    /// The national code AAZ502 卡应用状态: 0 sealed, 1 normal, 2 formal loss, 3 locked, 4 temporary loss, 9 cancelled
    /// (card.md §5.1 A), from the national dialect of `Resources/status-dialects.yaml`; 255, which is no code, where a program without
    /// that file does not ask ``StatusDialect/nationalCodes()`` first.
    public var applicationStatus: UInt8 { Self.applicationStatuses.first { $0.key == self }?.value ?? .max }

    /// Read once; every act writes a code, and finds it sooner among seven than by the hash of a word.
    private static let applicationStatuses = Array((try? StatusDialect.nationalCodes()) ?? [:])
}

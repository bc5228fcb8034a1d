/// The rows of the transition table: acts, some of them split where another person or proof is needed.
public enum Transition: String, Hashable, Sendable, CaseIterable {
    /// 人员登记.
    case registerPerson = "register-person"
    /// 人员查询.
    case lookUpPerson = "look-up-person"
    /// 卡号占用.
    case reserveCardNumber = "reserve-card-number"
    /// 制卡.
    case personalize
    /// 废卡.
    case spoil
    /// 领卡.
    case handOver = "hand-over"
    /// 启用.
    case enable
    /// 临时挂失.
    case temporaryLoss = "temporary-loss"
    /// 正式挂失.
    case formalLoss = "formal-loss"
    /// 停用.
    case hold
    /// 密码锁定.
    case pinLock = "pin-lock"
    /// 临时挂失解挂.
    case releaseTemporaryLoss = "release-temporary-loss"
    /// 正式挂失解挂.
    case releaseFormalLoss = "release-formal-loss"
    /// 恢复使用.
    case releaseHold = "release-hold"
    /// 密码解锁.
    case releasePINLock = "release-pin-lock"
    /// 修改密码.
    case changePIN = "change-pin"
    /// 重置密码.
    case resetPIN = "reset-pin"
    /// 解锁密码, on the chip.
    case unblockPIN = "unblock-pin"
    /// 补领.
    case replaceLost = "replace-lost"
    /// 换领.
    case renew
    /// 注销.
    case cancel

    /// The Chinese name.
    public var chinese: String {
        switch self {
        case .registerPerson: "人员登记"
        case .lookUpPerson: "人员查询"
        case .reserveCardNumber: "卡号占用"
        case .personalize: "制卡"
        case .spoil: "废卡"
        case .handOver: "领卡"
        case .enable: "启用"
        case .temporaryLoss: "临时挂失"
        case .formalLoss: "正式挂失"
        case .hold: "停用"
        case .pinLock: "密码锁定"
        case .releaseTemporaryLoss: "临时挂失解挂"
        case .releaseFormalLoss: "正式挂失解挂"
        case .releaseHold: "恢复使用"
        case .releasePINLock: "密码解锁"
        case .changePIN: "修改密码"
        case .resetPIN: "重置密码"
        case .unblockPIN: "解锁密码"
        case .replaceLost: "补领"
        case .renew: "换领"
        case .cancel: "注销"
        }
    }

    /// The row that lifts a restriction of this kind.
    static func releasing(_ kind: Restriction.Kind) -> Transition {
        switch kind {
        case .temporaryLoss: .releaseTemporaryLoss
        case .loss: .releaseFormalLoss
        case .hold: .releaseHold
        case .pinLock: .releasePINLock
        }
    }
}

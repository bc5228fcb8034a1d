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
    /// 配送.
    case dispatch
    /// 到点签收.
    case arrive
    /// 遗失登记.
    case miss
    /// 回收.
    case recover
    /// 归还.
    case giveBack = "give-back"
    /// 销毁.
    case destroy
    /// 旧卡锁卡.
    case endChip = "end-chip"
    /// 资料变更.
    case changeData = "change-data"
    /// 卡结构迁移.
    case migrate
    /// 密码修改.
    case changePIN = "change-pin"
    /// 密码重置.
    case resetPIN = "reset-pin"
    /// 解锁密码, on the chip.
    case unblockPIN = "unblock-pin"
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
    /// 撤销注销.
    case releaseCancellation = "release-cancellation"
    /// 到期, of a temporary loss or of a hold with a last day.
    case runOut = "run-out"
    /// 终端锁卡.
    case seeBlocked = "see-blocked"
    /// 补领.
    case replaceLost = "replace-lost"
    /// 换领.
    case renew
    /// 注销.
    case cancel
    /// 注销确认.
    case confirmCancellation = "confirm-cancellation"
    /// 逾期未领.
    case endUnclaimed = "end-unclaimed"
    /// 过期.
    case expire
    /// 重复卡作废.
    case endDuplicate = "end-duplicate"
    /// 更正.
    case correct
    /// 费用处理.
    case answerFee = "answer-fee"
    /// 申领.
    case submit
    /// 退回补件.
    case askSupplement = "ask-supplement"
    /// 补件.
    case supplement
    /// 审批通过.
    case approve
    /// 审批不通过.
    case reject
    /// 撤回.
    case withdraw
    /// 进入制卡.
    case beginProduction = "begin-production"
    /// 制卡失败.
    case failProduction = "fail-production"
    /// 成品待领.
    case finish
    /// 领卡办结.
    case collect
    /// 逾期失效.
    case lapse
    /// 撤销领取.
    case undoCollection = "undo-collection"
    /// 入库.
    case receiveStock = "receive-stock"
    /// 移交.
    case handOverStock = "hand-over-stock"
    /// 盘亏.
    case missStock = "miss-stock"
    /// 库存销毁.
    case destroyStock = "destroy-stock"
    /// 退厂.
    case returnStock = "return-stock"
    /// 装机.
    case installModule = "install-module"
    /// 拆机.
    case takeOutModule = "take-out-module"
    /// 日终.
    case closeDay = "close-day"
    /// 发放额度.
    case grantLease = "grant-lease"
    /// 收回额度.
    case returnLease = "return-lease"
    /// 登记库恢复.
    case restoreRegistry = "restore-registry"

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
        case .dispatch: "配送"
        case .arrive: "到点签收"
        case .miss: "遗失登记"
        case .recover: "回收"
        case .giveBack: "归还"
        case .destroy: "销毁"
        case .endChip: "旧卡锁卡"
        case .changeData: "资料变更"
        case .migrate: "卡结构迁移"
        case .changePIN: "密码修改"
        case .resetPIN: "密码重置"
        case .unblockPIN: "解锁密码"
        case .temporaryLoss: "临时挂失"
        case .formalLoss: "正式挂失"
        case .hold: "停用"
        case .pinLock: "密码锁定"
        case .releaseTemporaryLoss: "临时挂失解挂"
        case .releaseFormalLoss: "正式挂失解挂"
        case .releaseHold: "恢复使用"
        case .releasePINLock: "密码解锁"
        case .releaseCancellation: "撤销注销"
        case .runOut: "挂失、停用到期"
        case .seeBlocked: "终端锁卡"
        case .replaceLost: "补领"
        case .renew: "换领"
        case .cancel: "注销"
        case .confirmCancellation: "注销确认"
        case .endUnclaimed: "逾期未领"
        case .expire: "过期"
        case .endDuplicate: "重复卡作废"
        case .correct: "更正"
        case .answerFee: "费用处理"
        case .submit: "申领"
        case .askSupplement: "退回补件"
        case .supplement: "补件"
        case .approve: "审批通过"
        case .reject: "审批不通过"
        case .withdraw: "撤回"
        case .beginProduction: "进入制卡"
        case .failProduction: "制卡失败"
        case .finish: "成品待领"
        case .collect: "领卡办结"
        case .lapse: "逾期失效"
        case .undoCollection: "撤销领取"
        case .receiveStock: "入库"
        case .handOverStock: "移交"
        case .missStock: "盘亏"
        case .destroyStock: "库存销毁"
        case .returnStock: "退厂"
        case .installModule: "装机"
        case .takeOutModule: "拆机"
        case .closeDay: "日终"
        case .grantLease: "发放额度"
        case .returnLease: "收回额度"
        case .restoreRegistry: "登记库恢复"
        }
    }

    /// Whether it is always of two persons, whatever the policy says: nobody destroys a piece, sends one away, or builds one into a terminal
    /// or out of it, alone.
    public var isAlwaysOfTwo: Bool {
        [.destroyStock, .returnStock, .installModule, .takeOutModule].contains(self)
    }

    /// The row that lifts a restriction of this kind.
    static func releasing(_ kind: Restriction.Kind) -> Transition {
        switch kind {
        case .temporaryLoss: .releaseTemporaryLoss
        case .loss: .releaseFormalLoss
        case .hold: .releaseHold
        case .pinLock: .releasePINLock
        case .cancellation: .releaseCancellation
        }
    }
}

/// The kinds of acts, by their number in events; numbers are never used again for something else.
public enum ActKind: UInt16, Hashable, Sendable, CaseIterable {
    /// See ``Act/personRegistered(_:)``.
    case personRegistered = 0x0101
    /// See ``Act/personLookedUp(_:purpose:found:)``.
    case personLookedUp = 0x0102
    /// See ``Act/cardNumberReserved(_:journal:)``.
    case cardNumberReserved = 0x0201
    /// See ``Act/personalized(_:)``.
    case personalized = 0x0301
    /// See ``Act/spoiled(_:)``.
    case spoiled = 0x0302
    /// See ``Act/handedOver``.
    case handedOver = 0x0303
    /// See ``Act/enabled``.
    case enabled = 0x0304
    /// See ``Act/dispatched``.
    case dispatched = 0x0305
    /// See ``Act/arrived``.
    case arrived = 0x0306
    /// See ``Act/missing``.
    case missing = 0x0307
    /// See ``Act/recovered(_:)``.
    case recovered = 0x0308
    /// See ``Act/destroyed``.
    case destroyed = 0x0309
    /// See ``Act/givenBack``.
    case givenBack = 0x030A
    /// See ``Act/dataChanged(_:)``.
    case dataChanged = 0x030B
    /// See ``Act/chipEnded(_:)``.
    case chipEnded = 0x030C
    /// See ``Act/migrated(layout:profile:)``.
    case migrated = 0x030D
    /// See ``Act/temporaryLoss(_:)``.
    case temporaryLoss = 0x0401
    /// See ``Act/formalLoss(_:)``.
    case formalLoss = 0x0402
    /// See ``Act/held(_:)``.
    case held = 0x0403
    /// See ``Act/pinLocked``.
    case pinLocked = 0x0404
    /// See ``Act/released(_:)``.
    case released = 0x0405
    /// See ``Act/ranOut(_:_:)``.
    case ranOut = 0x0406
    /// See ``Act/seenBlocked``.
    case seenBlocked = 0x0407
    /// See ``Act/replaced(successor:reason:)``.
    case replaced = 0x0501
    /// See ``Act/cancelled(_:)``.
    case cancelled = 0x0502
    /// See ``Act/cancellationConfirmed(_:)``.
    case cancellationConfirmed = 0x0503
    /// See ``Act/unclaimed``.
    case unclaimed = 0x0504
    /// See ``Act/expired``.
    case expired = 0x0505
    /// See ``Act/duplicate(of:)``.
    case duplicate = 0x0506
    /// See ``Act/pinServed(_:ticket:)``.
    case pinServed = 0x0601
    /// See ``Act/corrected(_:)``.
    case corrected = 0x0701
    /// See ``Act/feeAnswered(_:)``.
    case feeAnswered = 0x0702
    /// See ``Act/submitted(_:)``.
    case submitted = 0x0801
    /// See ``ApplicationStep``.
    case supplementAsked = 0x0802
    /// See ``ApplicationStep``.
    case supplemented = 0x0803
    /// See ``ApplicationStep``.
    case approved = 0x0804
    /// See ``ApplicationStep``.
    case rejected = 0x0805
    /// See ``ApplicationStep``.
    case withdrawn = 0x0806
    /// See ``ApplicationStep``.
    case productionBegun = 0x0807
    /// See ``ApplicationStep``.
    case productionFailed = 0x0808
    /// See ``ApplicationStep``.
    case ready = 0x0809
    /// See ``ApplicationStep``.
    case collected = 0x080A
    /// See ``ApplicationStep``.
    case lapsed = 0x080B
    /// See ``ApplicationStep``.
    case collectionUndone = 0x080C
    /// See ``StockMove``.
    case stockReceived = 0x0901
    /// See ``StockMove``.
    case stockHandedOver = 0x0902
    /// See ``StockMove``.
    case stockMissed = 0x0903
    /// See ``Act/dayClosed(_:)``.
    case dayClosed = 0x0904
    /// See ``StockMove``.
    case stockDestroyed = 0x0905
    /// See ``StockMove``.
    case stockReturned = 0x0906
    /// See ``StockMove``.
    case stockInstalled = 0x0907
    /// See ``StockMove``.
    case stockTakenOut = 0x0908
    /// See ``Act/leaseGranted(_:)``.
    case leaseGranted = 0x0A01
    /// See ``Act/leaseReturned(_:)``.
    case leaseReturned = 0x0A02
    /// See ``Act/registryRestored(_:)``.
    case registryRestored = 0x0B01

    /// Whether acts of this kind are about one card; the others leave the card reference empty.
    public var concernsCard: Bool {
        switch self {
        case .personRegistered, .personLookedUp, .cardNumberReserved, .submitted, .supplementAsked, .supplemented,
            .approved, .rejected, .withdrawn, .productionBegun, .productionFailed, .ready, .collected, .lapsed,
            .collectionUndone, .stockReceived, .stockHandedOver, .stockMissed, .stockDestroyed, .stockReturned,
            .stockInstalled,
            .stockTakenOut,
            .dayClosed, .leaseGranted, .leaseReturned, .registryRestored:
            false
        default: true
        }
    }

    /// The name in JSON and on the command line.
    public var name: String {
        switch self {
        case .personRegistered: "person-registered"
        case .personLookedUp: "person-looked-up"
        case .cardNumberReserved: "card-number-reserved"
        case .personalized: "personalized"
        case .spoiled: "spoiled"
        case .handedOver: "handed-over"
        case .enabled: "enabled"
        case .dispatched: "dispatched"
        case .arrived: "arrived"
        case .missing: "missing"
        case .recovered: "recovered"
        case .destroyed: "destroyed"
        case .givenBack: "given-back"
        case .dataChanged: "data-changed"
        case .chipEnded: "chip-ended"
        case .migrated: "migrated"
        case .temporaryLoss: "temporary-loss"
        case .formalLoss: "formal-loss"
        case .held: "held"
        case .pinLocked: "pin-locked"
        case .released: "released"
        case .ranOut: "ran-out"
        case .seenBlocked: "seen-blocked"
        case .replaced: "replaced"
        case .cancelled: "cancelled"
        case .cancellationConfirmed: "cancellation-confirmed"
        case .unclaimed: "unclaimed"
        case .expired: "expired"
        case .duplicate: "duplicate"
        case .pinServed: "pin-served"
        case .corrected: "corrected"
        case .feeAnswered: "fee-answered"
        case .submitted: "submitted"
        case .supplementAsked: "supplement-asked"
        case .supplemented: "supplemented"
        case .approved: "approved"
        case .rejected: "rejected"
        case .withdrawn: "withdrawn"
        case .productionBegun: "production-begun"
        case .productionFailed: "production-failed"
        case .ready: "ready"
        case .collected: "collected"
        case .lapsed: "lapsed"
        case .collectionUndone: "collection-undone"
        case .stockReceived: "stock-received"
        case .stockHandedOver: "stock-handed-over"
        case .stockMissed: "stock-missed"
        case .stockDestroyed: "stock-destroyed"
        case .stockReturned: "stock-returned"
        case .stockInstalled: "stock-installed"
        case .stockTakenOut: "stock-taken-out"
        case .dayClosed: "day-closed"
        case .leaseGranted: "lease-granted"
        case .leaseReturned: "lease-returned"
        case .registryRestored: "registry-restored"
        }
    }

    /// The Chinese name.
    public var chinese: String {
        switch self {
        case .personRegistered: "人员登记"
        case .personLookedUp: "人员查询"
        case .cardNumberReserved: "卡号占用"
        case .personalized: "制卡"
        case .spoiled: "废卡"
        case .handedOver: "领卡"
        case .enabled: "启用"
        case .dispatched: "配送"
        case .arrived: "到点签收"
        case .missing: "遗失登记"
        case .recovered: "回收"
        case .destroyed: "销毁"
        case .givenBack: "归还"
        case .dataChanged: "资料变更"
        case .chipEnded: "旧卡锁卡"
        case .migrated: "卡结构迁移"
        case .temporaryLoss: "临时挂失"
        case .formalLoss: "正式挂失"
        case .held: "停用"
        case .pinLocked: "密码锁定"
        case .released: "解挂"
        case .ranOut: "挂失、停用到期"
        case .seenBlocked: "终端锁卡"
        case .replaced: "补换卡"
        case .cancelled: "注销"
        case .cancellationConfirmed: "注销确认"
        case .unclaimed: "逾期未领"
        case .expired: "过期"
        case .duplicate: "重复卡作废"
        case .pinServed: "密码业务"
        case .corrected: "更正"
        case .feeAnswered: "费用处理"
        case .submitted: "申领受理"
        case .supplementAsked: "退回补件"
        case .supplemented: "补件"
        case .approved: "审批通过"
        case .rejected: "审批不通过"
        case .withdrawn: "撤回"
        case .productionBegun: "进入制卡"
        case .productionFailed: "制卡失败"
        case .ready: "成品待领"
        case .collected: "领卡办结"
        case .lapsed: "逾期失效"
        case .collectionUndone: "撤销领取"
        case .stockReceived: "入库"
        case .stockHandedOver: "移交"
        case .stockMissed: "盘亏"
        case .stockDestroyed: "库存销毁"
        case .stockReturned: "退厂"
        case .stockInstalled: "装机"
        case .stockTakenOut: "拆机"
        case .dayClosed: "日终"
        case .leaseGranted: "发放额度"
        case .leaseReturned: "收回额度"
        case .registryRestored: "登记库恢复"
        }
    }
}

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
    /// See ``Act/pinServed(_:ticket:)``.
    case pinServed = 0x0406
    /// See ``Act/replaced(successor:reason:)``.
    case replaced = 0x0501
    /// See ``Act/cancelled(_:)``.
    case cancelled = 0x0502

    /// Whether acts of this kind are about one card; the others leave the card reference empty.
    public var concernsCard: Bool {
        switch self {
        case .personRegistered, .personLookedUp, .cardNumberReserved: false
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
        case .temporaryLoss: "temporary-loss"
        case .formalLoss: "formal-loss"
        case .held: "held"
        case .pinLocked: "pin-locked"
        case .released: "released"
        case .pinServed: "pin-served"
        case .replaced: "replaced"
        case .cancelled: "cancelled"
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
        case .temporaryLoss: "临时挂失"
        case .formalLoss: "正式挂失"
        case .held: "停用"
        case .pinLocked: "密码锁定"
        case .released: "解挂"
        case .pinServed: "密码业务"
        case .replaced: "补换卡"
        case .cancelled: "注销"
        }
    }
}

public import CardData

/// What somebody did: the only way in which a card's state changes.
public enum Act: Hashable, Sendable {
    /// 登记: a person's data was taken up or renewed.
    case personRegistered(SealedPerson)
    /// 查询: somebody looked a person up.
    case personLookedUp(PersonReference, purpose: LookUpPurpose, found: Bool)
    /// A card number was taken from the pool for one making of a card, named by its journal.
    case cardNumberReserved(CardNumber, journal: String)
    /// 制卡: a card was written, read back and compared.
    case personalized(CardFacts)
    /// 废卡: a card failed in making.
    case spoiled(Spoilage)
    /// 领卡: the card was handed over.
    case handedOver
    /// 启用.
    case enabled
    /// 临时挂失.
    case temporaryLoss(LossReport)
    /// 正式挂失.
    case formalLoss(LossReport)
    /// 停用.
    case held(HoldReason)
    /// 密码锁定: the chip was seen to have locked its PIN.
    case pinLocked
    /// 密码业务: the holder's PIN was changed, reset or unblocked on the chip; the ticket says on whose request (empty when the
    /// holder changed it).
    case pinServed(PINService, ticket: String)
    /// 解挂, 解锁: these restrictions are lifted, and no others.
    case released(Set<EventIdentifier>)
    /// 补领, 换领: this card ends, the successor takes its place.
    case replaced(successor: CardReference, reason: ReplacementReason)
    /// 注销.
    case cancelled(CancellationReason)

    /// Its number in events.
    public var kind: ActKind {
        switch self {
        case .personRegistered: .personRegistered
        case .personLookedUp: .personLookedUp
        case .cardNumberReserved: .cardNumberReserved
        case .personalized: .personalized
        case .spoiled: .spoiled
        case .handedOver: .handedOver
        case .enabled: .enabled
        case .temporaryLoss: .temporaryLoss
        case .formalLoss: .formalLoss
        case .held: .held
        case .pinLocked: .pinLocked
        case .pinServed: .pinServed
        case .released: .released
        case .replaced: .replaced
        case .cancelled: .cancelled
        }
    }
}

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
    /// 配送: the finished card left for the outlet that hands it over.
    case dispatched
    /// 到点签收: the outlet took it in.
    case arrived
    /// 遗失登记: the card is not where it should be before it was handed over; it ends.
    case missing
    /// 回收: the card was taken back or found.
    case recovered(RecoveryReason)
    /// 销毁: the card was cut by two persons.
    case destroyed
    /// 旧卡锁卡: the chip of a card that has ended and was taken back was blocked, or why it could not be.
    case chipEnded(ChipEnd)
    /// 归还: a recovered card went back to its holder.
    case givenBack
    /// 资料变更: these elements, named as the layout names them, were written anew on the chip and read back.
    case dataChanged([String])
    /// 卡结构迁移: the chip was brought to another layout, on this profile, and read back.
    case migrated(layout: String, profile: String)
    /// 临时挂失.
    case temporaryLoss(LossReport)
    /// 正式挂失.
    case formalLoss(LossReport)
    /// 停用, until the end of a last day where one was given.
    case held(HoldReason, until: CardDate? = nil)
    /// 密码锁定: the chip was seen to have locked its PIN.
    case pinLocked
    /// 密码业务: the holder's PIN was changed, reset or unblocked on the chip; the ticket says on whose request (empty when the
    /// holder changed it).
    case pinServed(PINService, ticket: String)
    /// 解挂, 解锁: these restrictions are lifted, and no others.
    case released(Set<EventIdentifier>)
    /// 到期: the days of this temporary loss are over, or the last day of this hold; whoever has the upper tier counts them.
    case ranOut(EventIdentifier, TemporaryLossEnd)
    /// 终端锁卡: a terminal met the listed card and blocked its application.
    case seenBlocked
    /// 补领, 换领: this card ends, the successor takes its place.
    case replaced(successor: CardReference, reason: ReplacementReason)
    /// 注销: a hold until the centre confirms it.
    case cancelled(CancellationReason)
    /// 注销确认: the centre makes the named cancellation final.
    case cancellationConfirmed(EventIdentifier)
    /// 逾期未领: the card was never collected; it ends.
    case unclaimed
    /// 过期: the card is past its validity; it ends.
    case expired
    /// 重复卡作废: the centre found that another card took the predecessor's place first.
    case duplicate(of: CardReference)
    /// 更正: an earlier act was entered in error and is undone by this one; nothing is ever edited.
    case corrected(Correction)
    /// 费用处理: the fee of an issue that ended without a card was given back or carried over; about the card that was to be replaced.
    case feeAnswered(FeeAnswer)
    /// 申领受理: an application was handed in; later acts name it by this one's event.
    case submitted(ApplicationFacts)
    /// What is done with an application, named by the event that brought it in.
    case application(EventIdentifier, ApplicationStep)
    /// 入库, 移交, 盘亏: pieces of stock move.
    case stock(StockMove)
    /// 日终: an owner's pieces were counted and add up.
    case dayClosed(DayCount)
    /// 发放额度: a counter may make cards from these numbers while it is cut off.
    case leaseGranted(Lease)
    /// 收回额度: the lease granted by this event ends.
    case leaseReturned(EventIdentifier)
    /// 恢复: the registry came back from a backup; whatever was done after that is lost here, and may be known elsewhere.
    case registryRestored(Restoration)

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
        case .dispatched: .dispatched
        case .arrived: .arrived
        case .missing: .missing
        case .recovered: .recovered
        case .destroyed: .destroyed
        case .chipEnded: .chipEnded
        case .givenBack: .givenBack
        case .dataChanged: .dataChanged
        case .migrated: .migrated
        case .temporaryLoss: .temporaryLoss
        case .formalLoss: .formalLoss
        case .held: .held
        case .pinLocked: .pinLocked
        case .pinServed: .pinServed
        case .released: .released
        case .ranOut: .ranOut
        case .seenBlocked: .seenBlocked
        case .replaced: .replaced
        case .cancelled: .cancelled
        case .cancellationConfirmed: .cancellationConfirmed
        case .unclaimed: .unclaimed
        case .expired: .expired
        case .duplicate: .duplicate
        case .corrected: .corrected
        case .feeAnswered: .feeAnswered
        case .submitted: .submitted
        case .application(_, let step): step.kind
        case .stock(let move): move.kind
        case .dayClosed: .dayClosed
        case .leaseGranted: .leaseGranted
        case .leaseReturned: .leaseReturned
        case .registryRestored: .registryRestored
        }
    }
}

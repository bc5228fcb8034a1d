/// One row of the transition table: what lifecycle-and-sync.md §3 prints, in a form that both people and code read.
public struct TransitionRow: Hashable, Sendable {
    /// Whether a counter may do it without its centre.
    public enum Offline: String, Hashable, Sendable {
        /// Yes.
        case allowed
        /// Yes; what it loosens takes effect elsewhere only after the centre's ruling.
        case effectiveHereOnly = "effective-here-only"
        /// From numbers and blanks leased to the counter, up to the lease.
        case underLease = "under-lease"
        /// No: a word of the centre is needed.
        case refused
        /// It is the centre's own act; no counter does it.
        case centreOnly = "centre-only"
    }

    /// What the table says of cards whose social function has ended: it never comes back, but the plastic moves on.
    public enum EndedCards: String, Hashable, Sendable {
        /// Not on an ended card.
        case refused
        /// On an ended card too.
        case allowed
        /// On no other.
        case only
    }

    /// What is done on the chip.
    public enum ChipAction: String, Hashable, Sendable {
        /// Files, keys and state are written.
        case write
        /// The in-use flag is set.
        case setInUse = "set-in-use"
        /// APPLICATION UNBLOCK, if it was blocked.
        case unblockApplication = "unblock-application"
        /// CHANGE or UNBLOCK PIN.
        case unblockPIN = "unblock-pin"
        /// APPLICATION BLOCK.
        case blockApplication = "block-application"
        /// CARD BLOCK, if the card is there and answers.
        case blockCard = "block-card"
    }

    /// What becomes of the card's entry in the loss list.
    public enum ListEffect: String, Hashable, Sendable {
        /// Add: spoiled.
        case addSpoiled = "add-spoiled"
        /// Add: stop, temporary.
        case addTemporary = "add-temporary"
        /// Add: stop, lost.
        case addLoss = "add-loss"
        /// Add: stop, on hold.
        case addHold = "add-hold"
        /// Add: ended.
        case addEnded = "add-ended"
        /// Remove, after the centre's ruling.
        case removeAfterRuling = "remove-after-ruling"
        /// Remove: the plastic is gone.
        case removeDestroyed = "remove-destroyed"
        /// Remove some time after the report: the chip refuses by itself.
        case removeAfterReport = "remove-after-report"
        /// As the city's policy says: remove, keep, or another kind of stop.
        case asPolicySays = "as-policy-says"
    }

    /// What is printed for the holder or the file.
    public enum Slip: String, Hashable, Sendable {
        /// 领卡单.
        case collection
        /// 废卡清单.
        case spoiledList = "spoiled-list"
        /// 临时挂失回执.
        case temporaryLoss = "temporary-loss"
        /// 挂失凭证.
        case lossCertificate = "loss-certificate"
        /// 停用通知.
        case hold
        /// 解挂回执.
        case release
        /// 密码业务回执, without a PIN.
        case pin
        /// 补换卡申请单.
        case application
        /// 注销回执.
        case cancellation
        /// 移交单.
        case handOverSheet = "hand-over-sheet"
        /// 回收登记.
        case recovery
        /// 销毁清单.
        case destruction
        /// 资料变更单.
        case dataChange = "data-change"
        /// 更正告知单.
        case correction
        /// 费用处理单.
        case fee
        /// 受理回执.
        case acceptance
        /// 补件（不予办理）告知单: what is missing of an application, or why it is rejected.
        case notice
        /// 日终表.
        case dayEnd = "day-end"
    }

    /// Which row.
    public let transition: Transition
    /// The physical states it starts from; none where the act is about no card.
    public let physical: Set<PhysicalState>
    /// Whether it starts from a sealed card, an enabled card, or either.
    public let social: Set<SocialFunction>
    /// Whether it starts from an ended card.
    public let ended: EndedCards
    /// The kind of restriction that must be open.
    public let restriction: Restriction.Kind?
    /// Who may do it.
    public let officers: Set<Role>
    /// Who may be the second person, where the policy wants one.
    public let secondPersons: Set<Role>
    /// What must have been shown: one proof of each group.
    public let needs: [Proofs]
    /// Whether the centre is needed.
    public let offline: Offline
    /// On the chip.
    public let chip: ChipAction?
    /// In the loss list.
    public let list: ListEffect?
    /// On paper.
    public let slip: Slip?

    init(
        _ transition: Transition, from physical: Set<PhysicalState> = [], social: Set<SocialFunction> = [],
        ended: EndedCards = .refused, restriction: Restriction.Kind? = nil, by officers: Set<Role>,
        with secondPersons: Set<Role> = [.supervisor],
        needs: [Proofs] = [], offline: Offline = .allowed, chip: ChipAction? = nil, list: ListEffect? = nil,
        slip: Slip? = nil
    ) {
        self.transition = transition
        self.physical = physical
        self.social = social
        self.ended = ended
        self.restriction = restriction
        self.officers = officers
        self.secondPersons = secondPersons
        self.needs = needs
        self.offline = offline
        self.chip = chip
        self.list = list
        self.slip = slip
    }
}

/// What is done with an application after it was handed in.
public enum ApplicationStep: Hashable, Sendable {
    /// 退回补件; what is missing, where somebody said so.
    case supplementAsked(why: FailureNote? = nil)
    /// 补件.
    case supplemented
    /// 审批通过.
    case approved
    /// 审批不通过; more of the reason in words, where somebody said so.
    case rejected(RejectionReason, why: FailureNote? = nil)
    /// 撤回.
    case withdrawn
    /// 进入制卡.
    case productionBegun
    /// 制卡失败, back to approved: the card is made once more; told by this return of the factory, where one told it, and why,
    /// where it said so.
    case productionFailed(ReturnMark? = nil, why: FailureNote? = nil)
    /// 成品待领: this card was made for it.
    case ready(CardReference)
    /// 已领; for this reason, where an application is closed by itself and not by the hand-over of its card.
    case collected(ClosingReason? = nil)
    /// 逾期未领; for this reason, where an application is closed by itself and not by the end of its card.
    case lapsed(ClosingReason? = nil)
    /// 撤销领取, back to ready: the hand-over of its card was entered in error.
    case collectionUndone

    /// What somebody wrote down of why; nil where nobody did.
    public var note: FailureNote? {
        switch self {
        case .supplementAsked(let why), .rejected(_, let why), .productionFailed(_, let why): why
        default: nil
        }
    }

    /// Its number in events.
    public var kind: ActKind {
        switch self {
        case .supplementAsked: .supplementAsked
        case .supplemented: .supplemented
        case .approved: .approved
        case .rejected: .rejected
        case .withdrawn: .withdrawn
        case .productionBegun: .productionBegun
        case .productionFailed: .productionFailed
        case .ready: .ready
        case .collected: .collected
        case .lapsed: .lapsed
        case .collectionUndone: .collectionUndone
        }
    }

    /// The row of the table that judges it.
    var transition: Transition {
        switch self {
        case .supplementAsked: .askSupplement
        case .supplemented: .supplement
        case .approved: .approve
        case .rejected: .reject
        case .withdrawn: .withdraw
        case .productionBegun: .beginProduction
        case .productionFailed: .failProduction
        case .ready: .finish
        case .collected: .collect
        case .lapsed: .lapse
        case .collectionUndone: .undoCollection
        }
    }

    /// Whether it is the supervisor's yes or no, which nobody says to what they had a hand in.
    public var isRuling: Bool { [.approve, .reject].contains(transition) }

    /// The states it leads from.
    var from: Set<ApplicationState> {
        switch self {
        case .supplementAsked, .approved, .rejected: [.submitted]
        case .supplemented: [.supplement]
        case .withdrawn: [.submitted, .supplement, .approved]
        case .productionBegun: [.approved]
        case .productionFailed: [.inProduction, .ready]
        case .ready: [.inProduction]
        case .collected, .lapsed: [.ready]
        case .collectionUndone: [.collected]
        }
    }

    /// The state it leads to.
    var to: ApplicationState {
        switch self {
        case .supplementAsked: .supplement
        case .supplemented: .submitted
        case .approved, .productionFailed: .approved
        case .rejected: .rejected
        case .withdrawn: .withdrawn
        case .productionBegun: .inProduction
        case .ready, .collectionUndone: .ready
        case .collected: .collected
        case .lapsed: .lapsed
        }
    }
}

/// Why an application that was left as ready is closed without an act on its card.
public enum ClosingReason: UInt8, Hashable, Sendable, CaseIterable {
    /// 持卡人已有此卡: the card was handed over when its application did not go with it yet.
    case cardIsOut = 1
    /// 此卡已终止: the card has ended, and nobody will collect it.
    case cardHasEnded = 2
}

/// Why an application was not approved.
public enum RejectionReason: UInt8, Hashable, Sendable, CaseIterable {
    /// The person is not in the base register.
    case notInRegister = 1
    /// The person has a card already.
    case hasCard = 2
    /// The data do not agree with the documents.
    case dataDiffer = 3
    /// The photo cannot be used.
    case photo = 4
    /// Anything else.
    case other = 9
}

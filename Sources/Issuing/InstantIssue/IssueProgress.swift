import ByteText
public import Lifecycle
public import Personalization

/// How far one issue at the counter has come: what its file holds.
///
/// It tells nothing of the person but the reference. Plain rules without clock or disk: a step is done once and in its turn, an issue ends in a state with a name, and one whose card
/// exists does not end while nobody has answered for the card.
public struct IssueProgress: Hashable, Sendable {
    /// How an issue ends.
    public enum End: String, Hashable, Sendable, CaseIterable {
        /// 完成: the holder has the card and the slip.
        case finished
        /// 放弃: nothing was written on the blank.
        case abandoned
        /// 废卡: the card that was begun is booked as spoiled.
        case spoiled
        /// 未启用: the card is made and has left the window sealed; whoever has it may still have it enabled.
        case leftSealed = "left-sealed"
        /// 卡已终止: the card's own record has ended, or its plastic was taken back, while the issue was open.
        case cardEnded = "card-ended"

        /// The Chinese word.
        public var chinese: String {
            switch self {
            case .finished: "完成"
            case .abandoned: "放弃"
            case .spoiled: "废卡"
            case .leftSealed: "卡已交出，未启用"
            case .cardEnded: "卡已终止或收回"
            }
        }
    }

    /// What a step failed of last.
    public struct Failure: Hashable, Sendable {
        /// Which step.
        public let step: IssueStep
        /// The code of the first fault.
        public let code: String
        /// When, Unix milliseconds.
        public let at: UInt64
    }

    /// Names the issue: sixteen hexadecimal digits.
    public let identifier: String
    /// The layout of the card.
    public let layoutName: String
    /// The officer who began it.
    public let officer: UInt64
    /// When, Unix milliseconds.
    public let begunAt: UInt64
    /// The old card that the new one takes the place of, and who answers for its end; nil for a first card.
    public internal(set) var replacement: IssuingRequest.Replacement?
    /// The last step that is done; nil when none is.
    public internal(set) var done: IssueStep?
    /// How it ended; nil while it is open.
    public internal(set) var end: End?
    /// What went wrong last; nil once a step was done after it.
    public internal(set) var failure: Failure?
    /// The blank, from the first step on.
    public internal(set) var chip: CardIdentity?
    /// For whom it was begun, where that was known; found and checked they are by the second step.
    public internal(set) var intended: PersonReference?
    /// The person, from the second step on.
    public internal(set) var person: PersonReference?
    /// SHA-256 of the values that the holder confirmed.
    var confirmed: [UInt8] = []
    /// The card, once it is recorded.
    public internal(set) var card: CardReference?
    /// The drawn PIN, sealed, until the holder's own has taken its place.
    var sealedPIN: [UInt8] = []
    /// Whether the change of the PIN was begun and its outcome not noted yet, or the card refused the drawn one.
    var pinIsBeingSet = false
    /// What became of the fee where the issue ended without a card; nil while nobody has answered for it, and where none is owed.
    public internal(set) var feeSettlement: FeeSettlement?
    /// The events of blocking an old card, handing over and enabling, which the slip names.
    public internal(set) var events: [EventIdentifier] = []

    /// A new issue.
    init(identifier: String, layoutName: String, officer: UInt64, begunAt: UInt64) {
        self.identifier = identifier
        self.layoutName = layoutName
        self.officer = officer
        self.begunAt = begunAt
    }

    /// Whether nobody knows which PIN the card has, because a service of it was broken off or the card has refused the drawn one: a reset is
    /// due.
    public var isPINUnknown: Bool { pinIsBeingSet }

    /// Whether a fee was settled for a card that its holder never got, and nobody has said what became of it.
    public var owesFee: Bool {
        guard let end, ![.finished, .leftSealed].contains(end), feeSettlement == nil else { return false }
        if end == .cardEnded, let done, done >= .handOver { return false }
        return replacement?.handling.proofs.contains(.feeSettled) ?? false
    }

    /// The steps of the issue in their order: an old card is blocked where one was taken back.
    public var steps: [IssueStep] {
        let takesCardBack = replacement.map { $0.reason != .lost } ?? false
        return IssueStep.allCases.filter { $0 != .blockOld || takesCardBack }
    }

    /// The step whose turn it is; nil when the issue has ended.
    public var next: IssueStep? {
        guard end == nil else { return nil }
        return steps.first { step in done.map { step > $0 } ?? true }
    }

    /// Whether the step is to be done now: false when it is done already, so that a second call changes nothing.
    ///
    /// - Throws: ``IssueFlowError/ended(_:)``, or ``IssueFlowError/notItsTurn(_:next:)`` for a step that would be left out.
    func takes(_ step: IssueStep) throws(IssueFlowError) -> Bool {
        if let done, step <= done { return false }
        if let end { throw .ended(end) }
        guard let next, step == next else { throw .notItsTurn(step, next: next) }
        return true
    }

    /// Notes that the step whose turn it is was done.
    mutating func finish(_ step: IssueStep) {
        done = step
        failure = nil
        if step == steps.last { end = .finished }
    }
}

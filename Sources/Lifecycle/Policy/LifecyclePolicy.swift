public import CardData

/// What a city decides for its counters; a file, not code (`Resources/policy.yaml` is the default).
public struct LifecyclePolicy: Hashable, Sendable {
    /// Whether real cards are made.
    public enum Mode: String, Hashable, Sendable, CaseIterable {
        /// The marked development keys may be used.
        case development
        /// They are refused.
        case production
    }

    /// What pieces of stock are worth at day end whose serials somebody typed.
    public enum TypedPieces: String, Hashable, Sendable, CaseIterable {
        /// Nothing: a day closes from chips alone.
        case refused
        /// As much as those that were read, where a supervisor confirms the count and a paper says why: a broken chip answers no reader.
        case supervised
    }

    /// What a first card that is made in front of its holder wants beside the holder.
    public enum FirstCard: String, Hashable, Sendable, CaseIterable {
        /// 须有申请: an application that somebody else has approved.
        case application
        /// 双人: a second person, who signs when the holder confirms; an approved application stands in for it.
        case twoPersons = "two-persons"
        /// 不限: nothing, as long as no application for it waits, was sent back or was rejected.
        case free
    }

    /// Who does the acts that are the upper tier's: 临时挂失到期, 过期, 注销确认, 撤销注销.
    public enum UpperTier: String, Hashable, Sendable, CaseIterable {
        /// 上级机构: the card centre; the counter does none of them.
        case centre
        /// 本网点: this counter, by its supervisors and by its service.
        case counter
    }

    /// What an officer may still do to pieces of stock on a day that they have closed.
    public enum AfterDayEnd: String, Hashable, Sendable, CaseIterable {
        /// 次日账: what is done belongs to the next day, and is marked so.
        case nextDay = "next-day"
        /// 不办: nothing that the count does not have, until the next day or another count.
        case refused
    }

    /// Names the policy; every event carries it.
    public let version: String
    /// Whether real cards are made.
    public let mode: Mode
    /// The counter's issuing area, six digits (GB/T 2260).
    public let area: String
    /// The numbers that the counter may give to cards.
    public let cardNumbers: CardNumberRange
    /// For how many years a card is valid.
    public let validityYears: Int
    /// After how many wrong tries a card locks its PIN.
    public let pinTries: Int
    /// Which PINs of a holder's choice are refused beside trivial ones.
    public let refusedPINs: Set<GuessablePIN>
    /// How many days a temporary loss lasts; ``upperTier`` counts them.
    public let temporaryLossDays: Int
    /// What becomes of a temporary loss when they are over.
    public let temporaryLossEnd: TemporaryLossEnd
    /// How many days before its expiry a card may be renewed for that reason.
    public let renewalDays: Int
    /// After how many months a card that nobody collected ends.
    public let unclaimedMonths: Int
    /// What a replacement after a loss costs, in fen (分).
    public let replacementFee: Int
    /// How many times a day a counter sets PINs anew or unblocks them.
    public let pinActsPerDay: Int
    /// At how many persons an officer looks in a day without a supervisor beside them.
    public let lookUpsPerDay: Int
    /// How many acts of a kind one officer does in a day; what is not named has no limit.
    public let actsPerDay: [LimitedAct: Int]
    /// How many days ahead the last day of a hold may be.
    public let holdDays: Int
    /// So many days after one card another for the same person is told as a repeat.
    public let repeatDays: Int
    /// How many minutes a file that was judged may be confirmed, before it is judged again.
    public let intakeMinutes: Int
    /// What a counter may do without its centre.
    public let lease: LeaseTerms
    /// Whether a stock book is kept: then cards are made only of blanks that stand in it.
    public let stockIsKept: Bool
    /// Whether typed serials may close a day.
    public let typedPieces: TypedPieces
    /// What may follow on a day that was closed.
    public let afterDayEnd: AfterDayEnd
    /// Whether two persons may release a formal loss before a replacement.
    public let formalLossMayBeReleased: Bool
    /// Whether nobody is taken in without an identity document that was seen.
    public let registrationShowsDocument: Bool
    /// What a first card at the counter wants.
    public let firstCard: FirstCard
    /// Who does the acts of the upper tier.
    public let upperTier: UpperTier
    /// Which transitions want a second person.
    public let twoPersonActs: Set<Transition>

    /// A policy from its parts.
    public init(
        version: String, mode: Mode, area: String, cardNumbers: CardNumberRange, validityYears: Int, pinTries: Int,
        refusedPINs: Set<GuessablePIN>, temporaryLossDays: Int, temporaryLossEnd: TemporaryLossEnd, renewalDays: Int,
        unclaimedMonths: Int,
        replacementFee: Int, pinActsPerDay: Int, lookUpsPerDay: Int, actsPerDay: [LimitedAct: Int],
        holdDays: Int, repeatDays: Int, intakeMinutes: Int, lease: LeaseTerms, stockIsKept: Bool,
        typedPieces: TypedPieces,
        afterDayEnd: AfterDayEnd, formalLossMayBeReleased: Bool, registrationShowsDocument: Bool,
        firstCard: FirstCard, upperTier: UpperTier,
        twoPersonActs: Set<Transition>
    ) {
        self.version = version
        self.mode = mode
        self.area = area
        self.cardNumbers = cardNumbers
        self.validityYears = validityYears
        self.pinTries = pinTries
        self.refusedPINs = refusedPINs
        self.temporaryLossDays = temporaryLossDays
        self.temporaryLossEnd = temporaryLossEnd
        self.renewalDays = renewalDays
        self.unclaimedMonths = unclaimedMonths
        self.replacementFee = replacementFee
        self.pinActsPerDay = pinActsPerDay
        self.lookUpsPerDay = lookUpsPerDay
        self.actsPerDay = actsPerDay
        self.holdDays = holdDays
        self.repeatDays = repeatDays
        self.intakeMinutes = intakeMinutes
        self.lease = lease
        self.stockIsKept = stockIsKept
        self.typedPieces = typedPieces
        self.afterDayEnd = afterDayEnd
        self.formalLossMayBeReleased = formalLossMayBeReleased
        self.registrationShowsDocument = registrationShowsDocument
        self.firstCard = firstCard
        self.upperTier = upperTier
        self.twoPersonActs = twoPersonActs
    }

    /// Whether a transition wants a second person: because the policy says so, or because it is never one person's.
    public func wantsTwo(_ transition: Transition) -> Bool {
        twoPersonActs.contains(transition) || transition.isAlwaysOfTwo
    }
}

public import CardCryptography
public import CardData
public import Lifecycle

/// What somebody wants made: whose card, by which layout, with which PIN, and instead of which old card.
public struct IssuingRequest: Sendable {
    /// An old card that the new one takes the place of.
    public struct Replacement: Hashable, Sendable {
        /// The old card's number.
        public let number: CardNumber
        /// Why.
        public let reason: ReplacementReason
        /// Who does it, with the second person and the proofs that the policy asks for.
        public let handling: Handling
        /// The old card's newest event that was shown to whoever asks; nil when nobody says what they saw.
        ///
        /// No journal keeps it: a card that was begun goes on on the terms it was begun with.
        public let seen: UInt64?

        /// A replacement from its parts.
        ///
        /// - Parameter seen: the old card's newest event that was shown: where there is a newer one, nothing is begun.
        public init(
            number: CardNumber, reason: ReplacementReason, handling: Handling, expecting seen: UInt64? = nil
        ) {
            self.number = number
            self.reason = reason
            self.handling = handling
            self.seen = seen
        }

        /// The same terms, judged by what was shown now.
        func expecting(_ seen: UInt64?) -> Self {
            Self(number: number, reason: reason, handling: handling, expecting: seen)
        }
    }

    /// The person's row.
    public let person: PersonRecord
    /// The layout's name.
    public let layoutName: String
    /// The PIN that is set last.
    public let pin: PersonalIdentificationNumber
    /// Who makes the card.
    public let handling: Handling
    /// The old card, when there is one.
    public let replacement: Replacement?
    /// Whether the steps that led here have asked for the person's application already.
    let isApplied: Bool

    /// A request from its parts.
    public init(
        person: PersonRecord, layoutName: String, pin: PersonalIdentificationNumber, handling: Handling,
        replacement: Replacement? = nil
    ) {
        self.init(
            person: person, layoutName: layoutName, pin: pin, handling: handling, replacement: replacement,
            isApplied: false)
    }

    /// A request of an issue step by step, which asks for the application before the holder confirms.
    init(
        person: PersonRecord, layoutName: String, pin: PersonalIdentificationNumber, handling: Handling,
        replacement: Replacement?, isApplied: Bool
    ) {
        self.isApplied = isApplied
        self.person = person
        self.layoutName = layoutName
        self.pin = pin
        self.handling = handling
        self.replacement = replacement
    }
}

/// A card that was made, checked and recorded.
public struct IssuedCard: Sendable {
    /// Its number.
    public let number: CardNumber
    /// Its identification code.
    public let identificationCode: IdentificationCode
    /// Commands sent in the last run.
    public let commandCount: Int
    /// True when a torn card was finished.
    public let wasResumed: Bool
    /// The hash of the plan that ran.
    public let planHash: [UInt8]
    /// The PIN that the card has: for a resumed card the one that was chosen when it was begun.
    public let pin: PersonalIdentificationNumber
}

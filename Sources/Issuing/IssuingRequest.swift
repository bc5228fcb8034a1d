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

        /// A replacement from its parts.
        public init(number: CardNumber, reason: ReplacementReason, handling: Handling) {
            self.number = number
            self.reason = reason
            self.handling = handling
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

    /// A request from its parts.
    public init(
        person: PersonRecord, layoutName: String, pin: PersonalIdentificationNumber, handling: Handling,
        replacement: Replacement? = nil
    ) {
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

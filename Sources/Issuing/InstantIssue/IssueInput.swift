public import CardCryptography
public import CardData
public import IssuerKeys
public import Lifecycle

/// What an officer brings to a step of an issue.
public struct IssueInput: Sendable {
    /// How the PIN is reset when nobody knows whether it was set.
    public struct PINReset: Sendable {
        /// On what paper.
        public let ticket: String
        /// What two officers signed for this card and this paper; production wants it.
        public let approval: ApprovedRequest?

        /// A reset from its parts.
        public init(ticket: String, approval: ApprovedRequest? = nil) {
            self.ticket = ticket
            self.approval = approval
        }
    }

    /// The person's data, from the second step on until the card is made.
    public let person: PersonRecord?
    /// Whether these data are the registry's own, read for this step, and not a file's or a form's that put them right.
    public let isOnRecord: Bool
    /// Who does it, with whom, on what proof.
    public let handling: Handling
    /// Whether the holder looked at the data and agreed.
    public let isConfirmed: Bool
    /// The PIN that the holder chose.
    public let pin: PersonalIdentificationNumber?
    /// Why the chip of the old card cannot be blocked; nil where it lies in the reader and can.
    public let oldCardHindrance: ChipEnd?
    /// Where the PIN is reset, because nobody knows whether it was set; nil otherwise.
    public let pinReset: PINReset?
    /// The newest event, as it was shown to the officer, of the card that the step's act is about; nil when nobody says what they saw.
    ///
    /// That is the old card while it is ended and blocked, the new one afterwards.
    public let seen: UInt64?

    /// An input from its parts.
    public init(
        person: PersonRecord? = nil, isOnRecord: Bool = false, handling: Handling, isConfirmed: Bool = false,
        pin: PersonalIdentificationNumber? = nil, oldCardHindrance: ChipEnd? = nil, pinReset: PINReset? = nil,
        expecting seen: UInt64? = nil
    ) {
        self.person = person
        self.isOnRecord = isOnRecord
        self.handling = handling
        self.isConfirmed = isConfirmed
        self.pin = pin
        self.oldCardHindrance = oldCardHindrance
        self.pinReset = pinReset
        self.seen = seen
    }
}

extension IssueInput {
    /// In whose name keys are used for the holder's PIN and on an old card: the officer's, in the role in which the step is done, for the
    /// paper and with the approval of a PIN's reset.
    ///
    /// Without an approval the second person's name stands in its place, which holds in development only.
    public var officerKeySession: KeyUseSession {
        get throws {
            let named = handling.second.map { KeyUseSession.SecondPerson.named(String($0.number)) }
            return KeyUseSession(
                try KeyOperator(
                    String(handling.officer.number), role: KeyRole(of: handling.officer.role).rawValue),
                ticket: try pinReset.map { try WorkTicket($0.ticket) },
                second: pinReset?.approval.map { .approved($0) } ?? named)
        }
    }
}

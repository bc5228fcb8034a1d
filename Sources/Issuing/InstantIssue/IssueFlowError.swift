public import CardData
public import Lifecycle

/// Why a step of an issue was not done.
public enum IssueFlowError: FaultReporting, Hashable, Sendable {
    /// No issue has this name.
    case unknown(String)
    /// The issue has ended.
    case ended(IssueProgress.End)
    /// Another step comes first.
    case notItsTurn(IssueStep, next: IssueStep?)
    /// A window is at work on this issue.
    case inHand
    /// The step wants a card in the reader.
    case cardMissing
    /// What lies in the reader is no blank.
    case notBlank(CardStanding.Kind)
    /// The chip in the reader is not the issue's.
    case anotherChip(expected: String, found: String)
    /// The chip or the person belongs to an issue that is not finished, and has made this card if any.
    case chipInUse(String, CardNumber?)
    /// The card of this number is being replaced already, by an open issue.
    case replacementOpen(String, CardNumber)
    /// The person is not the one that was found.
    case anotherPerson
    /// The step wants the person's data.
    case personMissing
    /// There is no photo, and the person is too old to go without.
    case photoMissing
    /// The holder has not confirmed, or the document was not shown.
    case notConfirmed
    /// The data are not those that the holder confirmed.
    case otherData
    /// The card that was read is not the one that was made.
    case notTheCard
    /// The holder's PIN is missing.
    case pinMissing
    /// A change of the PIN was broken off, and nobody knows which PIN the card has.
    case pinUnknown
    /// The card is with its holder: the issue is finished, not given up.
    case cardIsOut
    /// A finished card is given up, and nobody has said what becomes of its chip.
    case chipUnanswered
    /// The card is one that an open issue has made: it leaves by that issue's own steps, or not at all.
    case cardOfOpenIssue(String)
    /// The old card took the command that blocks it, and still answers.
    case oldCardNotBlocked
    /// The chip or the person may be those of an issue whose file is damaged.
    case damagedConcerns(String)
    /// The issue's file is whole, so there is nothing to put aside.
    case notDamaged(String)
    /// No fee is owed for the issue.
    case owesNothing(String)
    /// The person's newest application for such a card waits, was sent back or was rejected.
    case applicationStands(EventIdentifier, ApplicationFacts.Kind, ApplicationState)
    /// A factory is making a card for the person, or is about to.
    case factoryMakes(Application)
    /// The policy wants an approved application for a first card.
    case applicationMissing
    /// The policy wants a second person for a first card.
    case secondForFirstCard
    /// The file of the issue cannot be read or written.
    case file(String, reason: String)

    /// The error in the catalogue's terms.
    public var faults: [Fault] {
        switch self {
        case .unknown(let identifier): [Fault("issue.unknown", ["issue": identifier])]
        case .ended(let end): [Fault("issue.ended", ["endZh": end.chinese, "end": end.rawValue])]
        case .notItsTurn(let step, let next):
            [
                Fault(
                    "issue.not-its-turn",
                    [
                        "stepZh": step.chinese, "step": step.rawValue, "nextZh": next?.chinese ?? "–",
                        "next": next?.rawValue ?? "–",
                    ])
            ]
        case .inHand: [Fault("issue.in-hand")]
        case .cardMissing: [Fault("issue.card-missing")]
        case .notBlank(let kind): [Fault("issue.not-blank", ["kind": kind.rawValue, "kindZh": kind.chinese])]
        case .anotherChip(let expected, let found):
            [Fault("issue.another-chip", ["expected": expected, "found": found])]
        case .chipInUse(let identifier, let card):
            [
                Fault(
                    "issue.chip-in-use",
                    [
                        "issue": identifier, "card": card?.printed ?? "–",
                        "whoseZh": card.map { "（卡号 \($0.printed)）" } ?? "",
                        "whose": card.map { " (card \($0.printed))" } ?? "",
                    ])
            ]
        case .replacementOpen(let identifier, let number):
            [Fault("issue.replacement-open", ["issue": identifier, "card": number.printed])]
        case .anotherPerson: [Fault("issue.another-person")]
        case .personMissing: [Fault("issue.person-missing")]
        case .photoMissing: [Fault("issue.photo-missing", ["years": String(InstantIssueDesk.ageWithPhoto)])]
        case .notConfirmed: [Fault("issue.not-confirmed")]
        case .otherData: [Fault("issue.other-data")]
        case .notTheCard: [Fault("issue.not-the-card")]
        case .pinMissing: [Fault("issue.pin-missing")]
        case .pinUnknown: [Fault("issue.pin-unknown")]
        case .chipUnanswered: [Fault("issue.chip-unanswered")]
        case .cardIsOut: [Fault("issue.card-is-out")]
        case .cardOfOpenIssue(let identifier): [Fault("issue.card-open", ["issue": identifier])]
        case .oldCardNotBlocked: [Fault("issue.old-card-not-blocked")]
        case .damagedConcerns(let identifier): [Fault("issue.damaged-concerns", ["issue": identifier])]
        case .notDamaged(let identifier): [Fault("issue.not-damaged", ["issue": identifier])]
        case .owesNothing(let identifier): [Fault("issue.owes-nothing", ["issue": identifier])]
        case .applicationStands(let application, let kind, let state):
            [
                Fault(
                    "issue.application-stands",
                    [
                        "application": application.description, "kind": kind.name, "kindZh": kind.chinese,
                        "state": state.rawValue, "stateZh": state.chinese,
                    ])
            ]
        case .factoryMakes(let application):
            [
                Fault(
                    "issue.factory-makes",
                    [
                        "application": application.identifier.description,
                        "batch": application.facts.batch.isEmpty ? "–" : application.facts.batch,
                        "state": application.state.rawValue, "stateZh": application.state.chinese,
                    ])
            ]
        case .applicationMissing: [Fault("issue.application-missing")]
        case .secondForFirstCard: [Fault("issue.second-for-first-card")]
        case .file(let path, let reason): [Fault("issue.file", ["path": path, "reason": reason])]
        }
    }
}

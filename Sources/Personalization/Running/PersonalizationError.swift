public import CardApplication
public import CardData
import CardLayout
import ISO7816
import IssuerKeys

/// Why a card was not finished, and what has become of it.
public enum PersonalizationError: Error, Hashable, Sendable {
    /// The card went away at a step; put in again it is finished.
    case interrupted(PlanStep?, CardError)
    /// The card refused a step or answered otherwise than it must.
    case failed(PlanStep, CardError)
    /// The card cannot be finished any more; its blank is to be booked as spoiled.
    case spoiled
    /// The card is of another kind, or its first keys are not those of a blank; the layouts that its answer to reset fits.
    case foreignCard(fitting: [String])
    /// The card has been issued: its identification code as hexadecimal digits.
    case alreadyIssued(String)
    /// The card refuses every command: it is blocked.
    case blocked
    /// What the card holds cannot be the card that was begun here: it holds another identification code, or no longer holds ours. Its
    /// journal here stays.
    case notAsLeft(found: String?)
    /// A new directory was torn between its key file and its first key: nobody has any right in it, and the card goes on by its old layout.
    case directoryLost(String)
    /// A card was begun for somebody else.
    case begunForAnother
    /// The card was begun for this person with other values of these elements.
    case begunWithOtherData([String])
    /// The card was begun by this layout, and another was named.
    case begunByAnotherLayout(String)
    /// The layout, profile or issuing area has changed since the card was begun.
    case planHasChanged
    /// The reader takes shorter commands than the plan has: so many data bytes, against so many. Nothing was sent.
    case readerTakesLess(needed: Int, takes: Int)
    /// The journal cannot be kept.
    case journal(JournalError)
    /// The plan cannot be made.
    case planning([Fault])
}

extension PersonalizationError: FaultReporting {
    /// The error in the catalogue's terms.
    public var faults: [Fault] {
        switch self {
        case .interrupted(let step, .keys(let error)):
            [Fault("personalization.keys-failed", Self.names(of: step))] + error.faults
        case .failed(let step, .keys(let error)):
            [Fault("personalization.keys-failed", Self.names(of: step))] + error.faults
        case .interrupted(let step, let error):
            [Fault("personalization.interrupted", Self.names(of: step))] + error.faults
        case .failed(_, let error) where error.forbidsAnotherTry: error.faults
        case .failed(let step, let error):
            [Fault("personalization.failed", Self.names(of: step))] + error.faults
        case .spoiled: [Fault("personalization.spoiled")]
        case .foreignCard(let fitting):
            [Fault("personalization.foreign-card", ["fitting": fitting.isEmpty ? "–" : fitting.joined(separator: " ")])]
        case .alreadyIssued(let code): [Fault("personalization.already-issued", ["identificationCode": code])]
        case .blocked: [Fault("personalization.blocked")]
        case .notAsLeft(let found):
            [Fault("personalization.not-as-left", ["found": found ?? "–"])]
        case .directoryLost(let name): [Fault("migrate.directory-lost", ["directory": name])]
        case .begunForAnother: [Fault("personalization.begun-for-another")]
        case .begunWithOtherData(let names):
            [Fault("personalization.begun-with-other-data", ["names": names.joined(separator: " ")])]
        case .begunByAnotherLayout(let name):
            [Fault("personalization.begun-by-another-layout", ["layout": name])]
        case .planHasChanged: [Fault("personalization.plan-has-changed")]
        case .readerTakesLess(let needed, let takes):
            [Fault("plan.reader-takes-less", ["needed": String(needed), "takes": String(takes)])]
        case .journal(let error): error.faults
        case .planning(let faults): faults
        }
    }

    /// The same where the card is an issued one: it is never booked as spoiled, and goes on by its old layout.
    public var faultsOfMigration: [Fault] {
        switch self {
        case .interrupted(let step, .keys(let error)):
            [Fault("migrate.keys-failed", Self.names(of: step))] + error.faults
        case .failed(let step, .keys(let error)):
            [Fault("migrate.keys-failed", Self.names(of: step))] + error.faults
        case .interrupted(let step, let error):
            [Fault("migrate.interrupted", Self.names(of: step))] + error.faults
        case .failed(_, let error) where error.forbidsAnotherTry: error.faults
        case .failed(let step, let error): [Fault("migrate.failed", Self.names(of: step))] + error.faults
        case .notAsLeft(let found): [Fault("migrate.not-as-left", ["found": found ?? "–"])]
        case .planHasChanged: [Fault("migrate.plan-has-changed")]
        default: faults
        }
    }

    private static func names(of step: PlanStep?) -> [String: String] {
        ["stepZh": step?.purpose.text ?? "–", "step": step?.purpose.englishText ?? "–"]
    }
}

extension Purpose {
    /// Kind and subject, for messages and plans.
    public var text: String { subject.isEmpty ? kind.chinese : "\(kind.chinese) \(subject)" }

    /// The same in English.
    public var englishText: String { subject.isEmpty ? kind.english : "\(kind.english) \(subject)" }
}

extension CardError {
    /// True when trying again costs the card a try or trusts a card that cannot be trusted: nobody is told to try once more.
    var forbidsAnotherTry: Bool {
        switch self {
        case .authenticationFailed, .keyBlocked, .transportCodeRefused, .challengeRefused, .pinBlocked, .wrongPIN,
            .lastTry, .firstContact, .otherKeys, .visits:
            true
        default: false
        }
    }

    /// True when the card or reader went away, so that the card may be finished on another try.
    var isInterruption: Bool {
        switch self {
        case .channel(.cardRemoved), .channel(.cardWasReset), .channel(.cardMute), .channel(.readerRemoved),
            .channel(.reader):
            true
        default: false
        }
    }
}

public import CardApplication
public import CardData
import IssuerKeys
public import Personalization
public import Registry

/// Why no card came out, and what has become of the blank.
public enum IssuingError: Error, Sendable {
    /// The person's data cannot go on a card.
    case data(Faults)
    /// The person has a card that is not ended: its number.
    case hasCard(CardNumber?)
    /// The card to replace is not the one the person has.
    case notTheirCard(CardNumber)
    /// Another card has this identification code.
    case identificationCodeTaken(IdentificationCode)
    /// Another card was begun for the person and is not finished.
    case begunOnAnotherCard(CardIdentity)
    /// A card is being made for the person at this moment, in another reader.
    case beingMade
    /// No card was begun on this chip, so there is none to give up.
    case nothingBegun
    /// The card's answer to reset cannot be understood, or is too short for a card factor.
    case noIdentity
    /// The card itself or its plan.
    case personalization(PersonalizationError)
    /// An issued card on its way to another layout, or its plan.
    case migration(PersonalizationError)
    /// The card was torn beyond repair; the blank is booked as spoiled.
    case spoiled(CardNumber?)
    /// The chip was used for a card that was issued or spoiled, or another number is reserved for it than the one that is wanted.
    case chipSpent(CardNumber, CardNumberState)
    /// The card refused a key; with what was told of the failure, and its likely causes.
    case authentication([Fault], AuthenticationDiagnosis)
    /// Talking to the card failed before anything was written.
    case card(CardError)
    /// The registry refused or failed. Before the first command that leaves a blank; later the journal is kept, so that the same
    /// command books the card once the reason is gone.
    case registry(RegistryError)
}

extension IssuingError: FaultReporting {
    /// The error in the catalogue's terms.
    public var faults: [Fault] {
        switch self {
        case .data(let faults): faults.faults
        case .hasCard(let number): [Fault("issuing.has-card", ["number": number?.printed ?? "–"])]
        case .notTheirCard(let number): [Fault("issuing.not-their-card", ["number": number.printed])]
        case .identificationCodeTaken(let code):
            [Fault("issuing.identification-code-taken", ["identificationCode": code.text])]
        case .begunOnAnotherCard(let card):
            [Fault("issuing.begun-on-another-card", ["card": card.text])]
        case .beingMade: [Fault("issuing.being-made")]
        case .nothingBegun: [Fault("issuing.nothing-begun")]
        case .noIdentity: [Fault("card.no-identity")]
        case .personalization(let error): error.faults
        case .migration(let error): error.faultsOfMigration
        case .spoiled(let number):
            [Fault("personalization.spoiled")]
                + (number.map { [Fault("issuing.number-locked", ["number": $0.printed])] } ?? [])
        case .chipSpent(let number, let state):
            [
                Fault(
                    "issuing.chip-spent",
                    ["number": number.printed, "stateZh": state.spentWords.chinese, "state": state.spentWords.english])
            ]
        case .authentication(let faults, let diagnosis): faults + diagnosis.faults
        case .card(let error): error.faults
        case .registry(let error): error.faults
        }
    }
}

extension IssuingError {
    /// What the rooms below throw, in one type.
    init(wrapping error: any Error) {
        self =
            switch error {
            case let error as IssuingError: error
            case let error as PersonalizationError: .personalization(error)
            case let error as RegistryError: .registry(error)
            case let error as JournalError: .personalization(.journal(error))
            case let error as Faults: .data(error)
            case let error as CardError: .card(error)
            case let error as CardKeyError: .card(.keys(error))
            case let error as any FaultReporting: .data(Faults(error.faults) ?? Faults("issuing.failed"))
            default: .data(Faults("issuing.failed", ["reason": String(describing: error)]))
            }
    }
}

extension CardNumberState {
    /// What became of a chip's number, so that the chip takes no other.
    fileprivate var spentWords: (chinese: String, english: String) {
        switch self {
        case .locked: ("废卡", "spoiled")
        case .reserved: ("已占用", "reserved")
        case .used, .withheld: ("已发卡", "issued")
        }
    }
}

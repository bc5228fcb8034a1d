import CardData
import Lifecycle
import Registry

/// One operator at one browser, from login to logout or time-out.
struct Session: Sendable {
    /// 32 random bytes in hexadecimal; the browser's cookie.
    let identifier: String
    /// Whose session.
    let operatorNumber: UInt64
    /// Which password, card and roles of the operator's it was opened with.
    let sessionMark: String
    /// 32 random bytes in hexadecimal that every form carries back.
    let formToken: String
    /// When the last request came, by the steady clock.
    var lastRequest: UInt64
    /// Whom this session has looked up: what pages may show of them, masked.
    var seen: [PersonReference: SeenPerson] = [:]
    /// The chips that this session's readers have told since its last act of stock: of these alone a count may say that they were
    /// read.
    var chips: Set<[UInt8]> = []
    /// What the chips of cards have shown that were held against the record.
    var read: [CardReference: ReadChip] = [:]
    /// Whom this session has registered, and what became of it.
    var registered: [PersonReference: Registered] = [:]
    /// Which reader was chosen for which issue.
    var readers: [String: String] = [:]
    /// What a change of a card's data would write, as it was shown: a form that is refused is shown again with it.
    var compared: [CardReference: ComparedCard] = [:]
    /// What was typed before the session that this one follows had ended.
    var unsent: UnsentForm?
    /// What its forms were answered with.
    var answers = KeptAnswers(most: 20)
}

/// What became of a registration.
struct Registered: Hashable, Sendable {
    /// Whether there was a record before.
    enum Outcome: String, Hashable, Sendable {
        case new
        case changed
        case same
    }

    let outcome: Outcome
    /// The event of the record as it stands.
    let event: EventIdentifier
}

/// What pages show of a person that was looked up: masked, and gone with the session.
struct SeenPerson: Hashable, Sendable {
    /// The first character of the name and an asterisk.
    let name: String
    /// The number with its middle left out.
    let number: String
    /// Why the person was looked up.
    let purpose: LookUpPurpose
}

extension SeenPerson {
    /// A person as pages show them.
    init(_ person: Person, for purpose: LookUpPurpose) {
        self.init(name: person.name.masked, number: person.number.masked, purpose: purpose)
    }
}

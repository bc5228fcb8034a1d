import CardData
import Lifecycle
import Registry

/// The numbers of the first page.
struct HomeReport: Encodable {
    let applications: [String: Int]
    let toApprove: Int
    let failed: Int
    let mine: Int
    let ownActs: Int
    let unsent: Int
    let blanks: Int
    let ownBlanks: Int
    let cards: [String: Int]
    let head: UInt64

    /// - Parameters:
    ///   - toApprove: how much waits for the operator's word, as the first page counts it.
    ///   - ownActs: how many acts of the operator's own were sent back, have expired or are to be done now.
    init(_ numbers: DeskNumbers, toApprove: Int, ownActs: Int) {
        self.ownActs = ownActs
        applications = Dictionary(uniqueKeysWithValues: numbers.applications.map { ($0.key.rawValue, $0.value) })
        self.toApprove = toApprove
        failed = numbers.failed
        mine = numbers.mine
        unsent = numbers.unsent
        blanks = numbers.blanks
        ownBlanks = numbers.ownBlanks
        cards = Dictionary(uniqueKeysWithValues: numbers.cards.map { (String($0.key), $0.value) })
        head = numbers.head
    }
}

/// An event.
struct EventReport: Encodable {
    let event: String
    let hash: String
    let act: String
    let actZh: String
    let milliseconds: UInt64
    /// The clock's greatest error then; nil where nobody measured it.
    let clockErrorMilliseconds: UInt32?
    /// Whether the clock had gone back behind an earlier event.
    let isClockBehind: Bool
    let officer: UInt64
    let role: String
    let second: UInt64?
    let slip: UInt64
    let card: String?
    /// Why somebody was looked up.
    let purpose: String?
    /// Whom a look-up or a registration is about, masked, in reports alone.
    let person: [String: String]?

    init(_ logged: LoggedEvent) { self.init(logged, persons: [:]) }

    init(_ logged: LoggedEvent, persons: [PersonReference: MaskedPerson]) {
        let event = logged.event
        if case .personLookedUp(_, let why, _) = logged.body.act { purpose = "\(why)" } else { purpose = nil }
        person = logged.body.act.registeredOrLookedUp.flatMap { persons[$0] }.map {
            ["name": $0.name, "number": $0.number]
        }
        self.event = event.identifier.description
        hash = (try? EventHash(of: logged.bytes))?.text ?? ""
        act = logged.body.act.kind.name
        actZh = logged.body.act.kind.chinese
        milliseconds = event.wallMilliseconds
        clockErrorMilliseconds =
            event.clockErrorMilliseconds == Event.clockErrorUnknown ? nil : event.clockErrorMilliseconds
        isClockBehind = event.isClockBehind
        officer = event.officer
        role = logged.body.role.name
        second = event.secondPerson == 0 ? nil : event.secondPerson
        slip = event.slip
        card = event.card?.text
    }
}

/// A card, with its events and what the asker may do with it.
struct CardReport: Encodable {
    let cardNumber: String?
    let identificationCode: String
    let state: String
    let stateZh: String
    let applicationStatus: UInt8
    let physical: String
    let endReason: String?
    let restrictions: [[String: String]]
    let issueDate: String?
    let expiryDate: String?
    let successor: String?
    let isExpired: Bool
    let seen: UInt64
    let acts: [String]
    let events: [EventReport]

    init(_ card: RegisteredCard, _ events: [LoggedEvent], acts: [String], isExpired: Bool) {
        self.isExpired = isExpired
        cardNumber = card.facts?.number.text
        identificationCode = card.reference.text
        state = card.state.shown.rawValue
        stateZh = card.state.shown.chinese
        applicationStatus = card.state.shown.applicationStatus
        physical = card.state.physical.rawValue
        endReason = card.state.social.endReason?.english
        restrictions = card.state.openRestrictions.map { ["kind": $0.kind.english, "event": $0.openedBy.description] }
        issueDate = card.facts?.issued.text
        expiryDate = card.facts?.expires.text
        successor = card.successor?.text
        seen = card.lastSequence
        self.acts = acts
        self.events = events.map(EventReport.init)
    }
}

/// A person that was looked up: masked.
struct PersonReport: Encodable {
    let person: String
    let number: String
    let cards: [CardReport]
}

/// An application.
struct ApplicationReport: Encodable {
    let application: String
    let kind: String
    let way: String
    let batch: String
    let state: String
    let stateZh: String
    let enteredBy: UInt64
    let card: String?
    let seen: UInt64?

    /// - Parameter seen: the application's newest event.
    init(_ application: Application, seen: UInt64?) {
        self.seen = seen
        self.application = application.identifier.description
        kind = application.facts.kind.name
        way = application.facts.way.name
        batch = application.facts.batch
        state = application.state.rawValue
        stateZh = application.state.chinese
        enteredBy = application.enteredBy
        card = application.card?.text
    }
}

/// How many pieces of a kind an officer answers for.
struct StockReport: Encodable {
    let owner: UInt64
    let kind: String
    let count: Int
}

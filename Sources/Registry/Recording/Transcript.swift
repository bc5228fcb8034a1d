import CardData
import GRDB
import Lifecycle

/// The events of one durable transaction while they are written: judged, numbered, their views brought up to date.
///
/// Used by the writing connection only; nothing of it outlives a transaction that is rolled back.
final class Transcript {
    /// An event without its place in the chain, which is known only when all of the transaction are.
    struct Entry {
        let event: Event
        let act: Act
        let state: CardState?
    }

    let database: Database
    let counter: UInt64
    let policy: LifecyclePolicy
    private let sealing: PersonSealing
    let wallMilliseconds: UInt64
    /// The greatest error of the clock that told it, in milliseconds, or ``Event/clockErrorUnknown``.
    private let clockError: UInt32
    private(set) var entries: [Entry] = []
    /// What the acts change in the count of cards; written with the log.
    private(set) var counts = CardCounts()
    /// The cards as their rows stand.
    private(set) var cards: CardMemory
    /// What officers have done today.
    let tally: DayTally
    /// The place in the policy's range before which no number is free.
    var firstFreeNumber: Int
    private var nextSequence: UInt64
    private var hybridTime: UInt64

    init(
        database: Database, counter: UInt64, policy: LifecyclePolicy, sealing: PersonSealing,
        wallMilliseconds: UInt64, clockError: UInt32? = nil, after head: LogHead, cards: CardMemory,
        tally: DayTally
    ) {
        self.clockError = clockError ?? Event.clockErrorUnknown
        self.database = database
        self.counter = counter
        self.policy = policy
        self.sealing = sealing
        self.wallMilliseconds = wallMilliseconds
        self.cards = cards
        self.tally = tally
        firstFreeNumber = head.firstFreeNumber
        nextSequence = head.sequence + 1
        hybridTime = head.hybridTime
    }

    /// What ``restore(_:)`` needs to take back everything after it.
    struct Mark {
        fileprivate let count: Int
        fileprivate let counts: CardCounts
        fileprivate let cardChanges: Int
        fileprivate let firstFreeNumber: Int
        fileprivate let nextSequence: UInt64
        fileprivate let hybridTime: UInt64
    }

    var mark: Mark {
        Mark(
            count: entries.count, counts: counts, cardChanges: cards.changeCount, firstFreeNumber: firstFreeNumber,
            nextSequence: nextSequence, hybridTime: hybridTime)
    }

    /// Forgets what was added after a mark, for a caller whose part of the transaction was rolled back.
    func restore(_ mark: Mark) {
        entries.removeSubrange(mark.count...)
        counts = mark.counts
        cards.forget(since: mark.cardChanges)
        firstFreeNumber = mark.firstFreeNumber
        nextSequence = mark.nextSequence
        hybridTime = mark.hybridTime
    }

    /// Whether acts are judged that are still to be done; see ``takingBack(foreseeing:_:)``.
    private(set) var isForeseeing = false

    /// Does a part of the transaction and takes it back, whether it went well or not.
    ///
    /// - Parameter foreseeing: whether its acts are still to be begun, so that they are judged by counts too.
    func takingBack(foreseeing: Bool, _ body: () throws -> Void) throws {
        let mark = self.mark
        isForeseeing = foreseeing
        defer {
            isForeseeing = false
            restore(mark)
        }
        try database.inSavepoint {
            try body()
            return .rollback
        }
    }

    /// Whether looking at a person is held against what an officer may do in a day.
    private(set) var countsLookUps = true

    /// Does a part in which looking at a person is held against nobody: no one is shown whom it finds.
    func lookingForMaking(_ body: () throws -> Void) rethrows {
        countsLookUps = false
        defer { countsLookUps = true }
        try body()
    }

    /// The latest time that the log knows; later than now's where the clock went back.
    var latestMilliseconds: UInt64 { hybridTime >> 16 }

    /// The name of the next event, to which sealed data is bound.
    var nextIdentifier: EventIdentifier { EventIdentifier(counter: counter, sequence: nextSequence) }

    /// Judges an act by the rules and writes it down, if its card is still as whoever acts has seen it.
    func add(_ entry: ActEntry) throws {
        try add(entry.act, on: entry.card, handledBy: entry.handling, expecting: entry.seen)
    }

    /// Judges an act by the rules and writes it down; a correction with where the card goes back to.
    func add(_ wanted: Act, on card: CardReference?, handledBy handling: Handling, expecting seen: UInt64? = nil) throws
    {
        let identifier = nextIdentifier
        var act = wanted
        var standing: RegisteredCard?
        var state: CardState?
        if let card {
            standing = try find(card)
            // Here and not before: of two windows that act at one moment, the second is judged after the first has written.
            if let seen, seen != standing?.lastSequence ?? 0 { throw RegistryError.cardChanged(card) }
            if case .corrected(let correction) = wanted {
                guard let standing else { throw RegistryError.cardUnknown(card) }
                let past = try past(of: standing)
                act = .corrected(try completed(correction, of: past))
                state = try judge(act, on: card, standing: standing, handling, identifier)
                if !past.isNewest(correction.event) { try refuse(act, [.nothingToCorrect(correction.event)]) }
            } else {
                state = try judge(act, on: card, standing: standing, handling, identifier)
            }
        } else {
            if let seen, case .application(let application, _) = act,
                let newest = try ApplicationTable.newestEvent(of: application, in: database), newest != seen
            {
                throw RegistryError.applicationChanged(application)
            }
            try judge(act, handledBy: handling)
        }
        let after = try RegistryViews.follow(
            identifier, act, by: handling.officer.number, on: card, standing: standing, counts: &counts, in: database,
            log: database)
        if let card { cards.change(card, to: after) }
        let body = EventBody(
            act: act, role: handling.officer.role, secondRole: handling.second?.role, proofs: handling.proofs,
            policyVersion: policy.version,
            sealedAgent: try handling.agent.map { agent throws(RegistryError) in
                try sealing.seal(agent, into: identifier)
            }
                ?? [])
        // Sixteen bits of count below the milliseconds: never falls, whatever the clock does.
        hybridTime = max(hybridTime + 1, wallMilliseconds << 16)
        let encoded = body.encoded
        // What could not be read again would end the log for good.
        guard (try? EventBody(kind: act.kind, encoded: encoded)) == body else {
            throw RegistryError.inconsistent("event body of \(act.kind.name)")
        }
        let hasSlip = TransitionTable.row(act.mainTransition).slip != nil
        let event = Event(
            identifier: identifier, previous: .none, hybridTime: hybridTime, wallMilliseconds: wallMilliseconds,
            clockErrorMilliseconds: clockError, officer: handling.officer.number,
            secondPerson: handling.second?.number ?? 0, card: card,
            seen: standing?.lastSequence ?? 0, kind: act.kind.rawValue, slip: hasSlip ? identifier.sequence : 0,
            body: encoded)
        entries.append(Entry(event: event, act: act, state: state))
        nextSequence += 1
        if let card {
            try followUp(act, on: card, standing: standing, handledBy: handling)
        } else {
            try followUp(act, handledBy: handling)
        }
    }

    /// A card as it stands in this transaction.
    private func find(_ reference: CardReference) throws -> RegisteredCard? {
        if let known = cards[reference] { return known }
        guard let card = try CardTable.find(reference, in: database) else { return nil }
        cards.note(card)
        return card
    }

    private func judge(
        _ act: Act, on card: CardReference, standing: RegisteredCard?, _ handling: Handling,
        _ identifier: EventIdentifier
    ) throws -> CardState {
        var personHasOtherCard = false
        switch act {
        case .personalized(let facts):
            guard try PersonTable.exists(facts.person, in: database) else { throw RegistryError.personUnknown }
            personHasOtherCard = try CardTable.hasOtherCard(facts.person, than: card, in: database)
            // What was withheld is on the card that is entered again from its papers.
            if let taken = try NumberTable.state(of: facts.number, in: database),
                ![.reserved, .withheld].contains(taken)
            {
                throw RegistryError.numberTaken(facts.number)
            }
            try checkBlank(facts.blankSerial)
        case .spoiled(let spoilage): if standing == nil { try checkBlank(spoilage.blankSerial) }
        default:
            guard standing != nil else { throw RegistryError.cardUnknown(card) }
        }
        let state: CardState
        do {
            state = try (standing?.state ?? .beginning).applying(
                act, as: identifier, handledBy: handling,
                among: CardSurroundings(card: card, personHasOtherCard: personHasOtherCard), under: policy)
        } catch {
            throw RegistryError.refused(error)
        }
        try checkCancellation(act, standing: standing, handling)
        try checkOldCards(act, on: card, standing: standing)
        try checkOwner(act, on: card, standing: standing, handling)
        try checkDay(act, handledBy: handling)
        try checkCounts(act, on: card, standing: standing, handledBy: handling)
        return state
    }
}

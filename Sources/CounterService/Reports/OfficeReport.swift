import CardData
import Lifecycle
import Registry

/// What was done in a stretch of days, as a supervisor looks at it; taken in one event after the other, of which it keeps the newest of
/// each list and counts the rest.
///
/// Plain counting without clock, disk or rule; it names officers and cards, and of persons nothing.
struct OfficeReport {
    /// The newest events of a list, and how many there are in all.
    struct Listing {
        /// The newest first.
        private(set) var newest: [LoggedEvent] = []
        private(set) var count = 0
        private let most: Int

        init(most: Int) { self.most = most }

        /// Takes in the next older one.
        mutating func add(_ logged: LoggedEvent) {
            count += 1
            if newest.count < most { newest.append(logged) }
        }
    }

    /// Acts by kind and officer.
    private(set) var acts = ActCounts()
    /// 废卡.
    private(set) var spoiled: Listing
    /// 挂失.
    private(set) var losses: Listing
    /// 查而不办: look-ups of persons whom the same officer did nothing for afterwards, in these days.
    private(set) var lookUpsWithoutAct: Listing
    /// What was done outside the hours of the office.
    private(set) var outsideHours: Listing
    /// 费用处理.
    private(set) var fees: Listing
    /// 重复制卡.
    private(set) var repeats: Listing
    /// 用卡.
    private(set) var blanks = BlankUse()
    /// The newest event that was taken in.
    private(set) var newest: UInt64 = 0
    /// The events of every list.
    var listed: [LoggedEvent] { [spoiled, losses, lookUpsWithoutAct, outsideHours, fees, repeats].flatMap(\.newest) }
    /// Events that the upper tier has not acknowledged.
    private(set) var unsent = 0
    private let acknowledged: UInt64
    private var events = 0
    /// The newest act of each visit.
    private var served: [Visit: UInt64] = [:]
    /// When what somebody ruled on for a person had waited.
    private var ruled: [Visit: [ClosedRange<UInt64>]] = [:]
    private let hours: OfficeHours
    private let mostEvents: Int

    private struct Visit: Hashable {
        let officer: UInt64
        let person: PersonReference
    }

    /// A report of nothing yet.
    ///
    /// - Parameters:
    ///   - hours: when the office is open.
    ///   - mostRows: how many events each list keeps.
    ///   - mostEvents: how many events it takes in; whom officers have served is held in memory, a few tens of bytes each.
    ///   - acknowledged: the place in the log up to which the upper tier has acknowledged all.
    init(hours: OfficeHours, mostRows: Int, mostEvents: Int, acknowledged: UInt64 = 0) {
        self.acknowledged = acknowledged
        self.hours = hours
        self.mostEvents = mostEvents
        spoiled = Listing(most: mostRows)
        losses = Listing(most: mostRows)
        lookUpsWithoutAct = Listing(most: mostRows)
        outsideHours = Listing(most: mostRows)
        fees = Listing(most: mostRows)
        repeats = Listing(most: mostRows)
    }

    /// Takes in an event, the newest first; false for the first one that is too many.
    ///
    /// - Parameter person: whom it is about, as far as that can be told.
    mutating func take(_ logged: LoggedEvent, about person: PersonReference?) -> Bool {
        guard events < mostEvents else { return false }
        events += 1
        newest = max(newest, logged.event.identifier.sequence)
        acts.add(logged)
        if logged.event.identifier.sequence > acknowledged { unsent += 1 }
        blanks.take(logged)
        if logged.body.act.kind == .spoiled { spoiled.add(logged) }
        if logged.body.act.lossReport != nil { losses.add(logged) }
        if logged.body.act.kind == .feeAnswered { fees.add(logged) }
        if !hours.contains(logged.event.wallMilliseconds) { outsideHours.add(logged) }
        if case .personLookedUp = logged.body.act { return true }
        guard let person else { return true }
        // Whoever confirmed an act has looked for it too.
        for officer in [logged.event.officer, logged.event.secondPerson] where officer > 0 {
            // The newest comes first.
            let visit = Visit(officer: officer, person: person)
            if served[visit] == nil { served[visit] = logged.event.identifier.sequence }
        }
        return true
    }

    /// Takes in which makings were repeats.
    ///
    /// - Parameter event: the event at a place of the log.
    mutating func take(_ found: Repeats, _ event: (UInt64) throws -> LoggedEvent?) rethrows {
        for sequence in found.sequences.sorted(by: >) {
            if let logged = try event(sequence) { repeats.add(logged) }
        }
    }

    /// Takes in how spoiled cards were made before these days; see ``BlankUse/settle(_:)``.
    mutating func settleBlanks(_ making: (CardReference) throws -> MadeCard?) rethrows { try blanks.settle(making) }

    /// Takes in how blanks came into stock, the newest delivery first.
    mutating func takeDelivery(_ logged: LoggedEvent) { blanks.takeDelivery(logged) }

    /// Takes in that somebody ruled on another's act, of which the log tells nothing where it was sent back.
    ///
    /// - Parameter person: whose card it is about.
    mutating func takeRuling(_ waiting: WaitingAct, about person: PersonReference) {
        guard let officer = waiting.ruledBy else { return }
        ruled[Visit(officer: officer, person: person), default: []].append(waiting.madeAt...waiting.expiresAt)
    }

    /// Takes in a look-up once all events and rulings were, the newest first: only then it is known whether anything came of it.
    mutating func takeLookUp(_ logged: LoggedEvent) {
        guard case .personLookedUp(let person, let purpose, _) = logged.body.act else { return }
        let visit = Visit(officer: logged.event.officer, person: person)
        // What was done for the person in the morning is no reason for a look in the evening.
        guard served[visit, default: 0] < logged.event.identifier.sequence else { return }
        // Who rules on another's act has to look, whichever way they rule; who only looks at what waits has ruled on nothing.
        let waits = purpose == .confirming ? ruled[visit, default: []] : []
        guard !waits.contains(where: { $0.contains(logged.event.wallMilliseconds) }) else { return }
        lookUpsWithoutAct.add(logged)
    }
}

/// How long finished cards have waited.
enum WaitingAge: String, CaseIterable {
    case month
    case quarter
    case year
    case longer

    /// The age of a card that was issued so many days ago: up to 30, 90, 365 days, or more.
    init(days: Int) {
        self = days <= 30 ? .month : days <= 90 ? .quarter : days <= 365 ? .year : .longer
    }
}

import CardData
import Lifecycle
import Testing

@testable import Registry

/// What days end by themselves, where the city gives the counter the upper tier's acts, and nowhere else.
@Suite struct DaysEndedTests {
    private static let dayMilliseconds: UInt64 = 86_400_000

    private func open(_ office: Office, _ end: TemporaryLossEnd, tier: String = "counter") throws -> Registry {
        try office.open(site: "version: test-1\nupper-tier: \(tier)\ntemporary-loss-end: \(end.name)\n")
    }

    /// A card that was temporarily lost, and when.
    private func lost(_ registry: Registry) throws -> (card: CardReference, loss: EventIdentifier, at: UInt64) {
        let card = try registry.issueCard(1, for: try Office.person(11))
        let loss = try registry.record(.temporaryLoss(Office.loss), on: card, handledBy: Office.teller).identifier
        return (card, loss, try #require(try registry.event(at: loss.sequence)).event.wallMilliseconds)
    }

    private func kinds(_ card: CardReference, _ registry: Registry) throws -> [Restriction.Kind] {
        try #require(try registry.card(card)).state.openRestrictions.map(\.kind)
    }

    @Test(arguments: [
        (TemporaryLossEnd.release, [Restriction.Kind]()), (.keep, [.temporaryLoss]), (.formalLoss, [.loss]),
        (.cancel, [.cancellation]),
    ])
    func aTemporaryLossEndsAsThePolicySaysWhenItsDaysAreOver(end: TemporaryLossEnd, left: [Restriction.Kind]) throws {
        let registry = try open(Office(), end)
        let (card, loss, begun) = try lost(registry)
        let over = begun + 7 * Self.dayMilliseconds
        #expect(try registry.endWhatIsOver(at: over - 1) == DaysEnded())
        #expect(try kinds(card, registry) == [.temporaryLoss])
        #expect(try registry.endWhatIsOver(at: over).losses == (end == .keep ? 0 : 1))
        #expect(try kinds(card, registry) == left)
        #expect(try registry.endWhatIsOver(at: over) == DaysEnded(), "once")
        guard end != .keep else { return }
        let event = try #require(try registry.events(of: card).last)
        #expect(event.body.act == .ranOut(loss, end))
        #expect(event.event.officer == 0 && event.body.role == .timer)
    }

    @Test func whereTheCentreCountsTheDaysNothingEndsHere() throws {
        let registry = try open(Office(), .release, tier: "centre")
        let (card, _, begun) = try lost(registry)
        #expect(try registry.endWhatIsOver(at: begun + 400 * Self.dayMilliseconds) == DaysEnded())
        #expect(try kinds(card, registry) == [.temporaryLoss])
    }

    /// A loss that was taken while the clock was behind has its days from the latest time that the log had then.
    @Test func aClockThatWasBehindShortensNoLoss() throws {
        let office = Office()
        let registry = try open(office, .release)
        try registry.issueCard(2, for: try Office.person(13))
        let latest = try registry.deskNumbers(of: 0).latestTime
        office.turnClockBack()
        let (card, _, shown) = try lost(registry)
        #expect(shown < latest)
        #expect(try registry.endWhatIsOver(at: shown + 7 * Self.dayMilliseconds) == DaysEnded())
        #expect(try kinds(card, registry) == [.temporaryLoss])
        #expect(try registry.endWhatIsOver(at: latest + 8 * Self.dayMilliseconds).losses == 1)
    }

    /// A clock that stands before the log's newest event ends nothing.
    @Test func aClockThatWentBackEndsNothing() throws {
        let office = Office()
        let registry = try open(office, .release)
        let (card, _, begun) = try lost(registry)
        office.passDays(30)
        try registry.issueCard(2, for: try Office.person(13))
        #expect(try registry.endWhatIsOver(at: begun + 8 * Self.dayMilliseconds) == DaysEnded())
        #expect(try kinds(card, registry) == [.temporaryLoss])
        #expect(try registry.endWhatIsOver(at: begun + 31 * Self.dayMilliseconds).losses == 1)
    }

    /// One act by a clock that was years ahead: when a day has passed since it was put right, days end what they end.
    @Test func aClockThatWasAheadStopsNoEndingForYears() throws {
        let office = Office()
        let registry = try open(office, .release)
        let (card, _, begun) = try lost(registry)
        office.setDay(4000)
        try registry.register(try Office.person(13), handledBy: Office.teller)
        office.setDay(2)
        let late = try registry.issueCard(3, for: try Office.person(15))
        try registry.record(.temporaryLoss(Office.loss), on: late, handledBy: Office.teller)
        let over = begun + 8 * Self.dayMilliseconds
        office.setDay(8)
        // The first day that was recorded since has passed, and shows it.
        #expect(try registry.endWhatIsOver(at: over).losses == 1)
        #expect(try kinds(card, registry) == [])
        #expect(try kinds(late, registry) == [.temporaryLoss], "it began two days later")
        #expect(try registry.endWhatIsOver(at: over + 2 * Self.dayMilliseconds).losses == 1)
    }

    /// A loss that was taken by the clock that was ahead begins, at the latest, with the first right time behind it.
    @Test func aLossOfAClockThatWasAheadHasItsDaysFromTheNextRightTime() throws {
        let office = Office()
        let registry = try open(office, .release)
        let card = try registry.issueCard(1, for: try Office.person(11))
        office.setDay(4000)
        try registry.record(.temporaryLoss(Office.loss), on: card, handledBy: Office.teller)
        office.setDay(2)
        try registry.register(try Office.person(13), handledBy: Office.teller)
        let right = try #require(try registry.newest(1).first).event.wallMilliseconds
        let over = right + 7 * Self.dayMilliseconds
        #expect(try registry.endWhatIsOver(at: over - 1) == DaysEnded())
        #expect(try registry.endWhatIsOver(at: over).losses == 1)
    }

    /// Until a day has passed, the clock that shows less may be the one that is wrong.
    @Test func aClockThatWentBackTodayEndsNothingUntilTheLogShowsThatADayHasPassed() throws {
        let office = Office()
        let registry = try open(office, .release)
        let (card, _, begun) = try lost(registry)
        office.setDay(30)
        try registry.register(try Office.person(13), handledBy: Office.teller)
        office.setDay(9)
        try registry.register(try Office.person(15), handledBy: Office.teller)
        #expect(try registry.endWhatIsOver(at: begun + 9 * Self.dayMilliseconds + 600_000) == DaysEnded())
        #expect(try kinds(card, registry) == [.temporaryLoss])
        #expect(try registry.endWhatIsOver(at: begun + 10 * Self.dayMilliseconds).losses == 1)
    }

    /// The card of the sample is valid until 9 October 2035, in China's time.
    @Test func aCardEndsOnTheDayAfterItsLast() throws {
        let registry = try open(Office(), .release)
        let card = try registry.issueCard(1, for: try Office.person(11))
        // 2035-10-10T00:00:00+08:00, by Python's datetime.
        let over: UInt64 = 2_075_558_400_000
        #expect(try registry.endWhatIsOver(at: over - 1) == DaysEnded())
        #expect(try registry.endWhatIsOver(at: over).expired == 1)
        #expect(try registry.card(card)?.state.social == .ended(.expired))
    }

    // MARK: - Holds

    /// A card that is held until a day.
    private func held(_ registry: Registry, until: String?) throws -> (card: CardReference, hold: EventIdentifier) {
        let card = try registry.issueCard(1, for: try Office.person(11))
        let act = Act.held(.court, until: try until.map { text throws(Faults) in try CardDate(text) })
        return (card, try registry.record(act, on: card, handledBy: Office.teller).identifier)
    }

    /// 2025-11-01T00:00:00+08:00 by Python's datetime: the first moment after the hold's last day.
    private static let november: UInt64 = 1_761_926_400_000

    @Test func aHoldEndsWhenItsLastDayHasPassedAndOneWithoutADayStays() throws {
        let office = Office()
        let registry = try open(office, .keep)
        let (card, hold) = try held(registry, until: "20251031")
        #expect(try registry.endWhatIsOver(at: Self.november - 1) == DaysEnded())
        #expect(try kinds(card, registry) == [.hold])
        office.setDay(23)
        let ended = try registry.endWhatIsOver(at: Self.november)
        #expect(ended.holds == 1 && ended.losses == 0 && ended.refused == 0)
        #expect(try kinds(card, registry) == [])
        #expect(try registry.events(of: card).last?.body.act == .ranOut(hold, .release))
        let endless = try open(Office(), .release)
        let (other, _) = try held(endless, until: nil)
        #expect(try endless.endWhatIsOver(at: Self.november + 3000 * Self.dayMilliseconds).holds == 0)
        #expect(try kinds(other, endless) == [.hold])
    }

    /// Where the centre counts the days the counter only finds which holds are over.
    @Test func whereTheCentreCountsTheDaysAHoldIsToldAndStands() throws {
        let registry = try open(Office(), .release, tier: "centre")
        let (card, _) = try held(registry, until: "20251031")
        #expect(try registry.holdsOver(at: Self.november - 1, most: 9) == [])
        #expect(try registry.holdsOver(at: Self.november, most: 9) == [card])
        #expect(try registry.holdsOver(at: Self.november, most: 0) == [])
        #expect(try registry.endWhatIsOver(at: Self.november) == DaysEnded())
        #expect(try kinds(card, registry) == [.hold])
    }

    /// Nobody ends a hold before its time under a timer's name.
    @Test func aHoldRunsOutNoSoonerThanItsLastDay() throws {
        let office = Office()
        let registry = try open(office, .release)
        let timer = Handling(by: Officer(number: 0, role: .timer))
        func refusal(_ body: () throws -> Void) throws -> [LifecycleRefusal.Reason] {
            let error = try #require(throws: RegistryError.self, performing: body)
            guard case .refused(let refusal) = error else { throw error }
            return refusal.reasons
        }
        let (card, hold) = try held(registry, until: "20251031")
        let until = try CardDate("20251031")
        func end(_ end: TemporaryLossEnd = .release) throws {
            try registry.record(.ranOut(hold, end), on: card, handledBy: timer)
        }
        #expect(try refusal { try end() } == [.holdStands(until: until)])
        office.setDay(22)
        #expect(try refusal { try end() } == [.holdStands(until: until)], "the last day itself, 31 October")
        office.setDay(23)
        #expect(try refusal { try end(.cancel) } == [.policySaysOtherwise(.release)])
        try end()
    }

    /// The office's first day is 9 October 2025.
    @Test func aHoldsLastDayIsTodayOrLaterAndNoFurtherThanThePolicySays() throws {
        let registry = try Office().open(site: "version: test-1\nhold-days: 30")
        let card = try registry.issueCard(1, for: try Office.person(11))
        func reasons(_ day: String) throws -> [LifecycleRefusal.Reason] {
            do {
                try registry.record(.held(.office, until: try CardDate(day)), on: card, handledBy: Office.teller)
                return []
            } catch let error as RegistryError {
                guard case .refused(let refusal) = error else { throw error }
                return refusal.reasons
            }
        }
        #expect(try reasons("20251008") == [.lastDayIsOver(try CardDate("20251008"))])
        #expect(try reasons("20251109") == [.holdTooLong(try CardDate("20251109"), days: 30)])
        #expect(try reasons("20251009") == [])
        #expect(try reasons("20251108") == [])
    }
}

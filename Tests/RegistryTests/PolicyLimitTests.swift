import CardData
import Lifecycle
import Testing

@testable import Registry

/// What a policy limits by days and numbers: the office's clock begins on 9 October 2025, the day on which its cards are issued.
@Suite struct PolicyLimitTests {
    private static let keeper = Handling(
        by: Officer(number: 3001, role: .stockKeeper), second: Officer(number: 1003, role: .supervisor),
        proofs: Office.everyProof)
    private static let upperTier = Handling(
        by: Officer(number: 9001, role: .upperTier), second: Officer(number: 9002, role: .upperTier))

    private func refusal(_ body: () throws -> Void) throws -> [LifecycleRefusal.Reason] {
        let error = try #require(throws: RegistryError.self, performing: body)
        guard case .refused(let refusal) = error else { throw error }
        return refusal.reasons
    }

    @Test func aCounterLoosensSoManyPINsADayAndAClockThatGoesBackFreesNone() throws {
        let office = Office()
        let registry = try office.open(site: "version: test-1\npin-acts-per-day: 2")
        let card = try registry.issueCard(1, for: try Office.person(11))
        func serve(_ service: PINService) throws {
            let entry = ActEntry(.pinServed(service, ticket: "T-1"), on: card, handledBy: Office.teller)
            try registry.check([entry])
            try registry.record([entry])
        }
        try serve(.reset)
        try serve(.change)
        try serve(.unblock)
        #expect(try refusal { try serve(.reset) } == [.pinActsUsedUp(2)])
        #expect(try refusal { try serve(.unblock) } == [.pinActsUsedUp(2)])
        try serve(.change)
        office.passDays(1)
        let two = [PINService.reset, .reset].map {
            ActEntry(.pinServed($0, ticket: "T-1"), on: card, handledBy: Office.teller)
        }
        #expect(try refusal { try registry.check(two + two) } == [.pinActsUsedUp(2)])
        try registry.check(two)
        // Another window was as far: both chips are changed, and both acts are written down.
        try registry.record(two + two)
        office.turnClockBack()
        #expect(try refusal { try serve(.reset) } == [.pinActsUsedUp(2)])
    }

    /// Days of the office's clock that acts of the PIN bear, and whether one more is done on the last of them.
    @Test(arguments: [
        // a clock far ahead that is put right: its acts count on the day of the correction, and when that has passed no more
        ([0, 200, 200, 0], false), ([0, 200, 200, 0, 1], true), ([200, 200, 0, 1], true), ([200, 200, 1], false),
        // what the day itself has counts all the same
        ([200, 200, 0, 1, 1], true), ([200, 200, 0, 1, 1, 1], false),
        // a clock that is set back frees nothing of the day it comes back to
        ([5, 5, 4, 5], false), ([5, 5, 4], false), ([5, 5, 6], true),
    ])
    func actsOfAClockThatWasAheadCountUntilADayHasPassedSince(days: [UInt64], isDone: Bool) throws {
        let office = Office()
        let registry = try office.open(site: "version: test-1\npin-acts-per-day: 2")
        let card = try registry.issueCard(1, for: try Office.person(11))
        let entry = ActEntry(.pinServed(.reset, ticket: "T-1"), on: card, handledBy: Office.teller)
        for day in days.dropLast() {
            office.setDay(day)
            // The counts are asked before a chip is touched; what was done is written down whatever they say.
            try registry.record([entry])
        }
        office.setDay(try #require(days.last))
        if isDone {
            try registry.check([entry])
        } else {
            #expect(try refusal { try registry.check([entry]) } == [.pinActsUsedUp(2)])
        }
    }

    @Test func aCardEndsAsUnclaimedAfterSoManyMonths() throws {
        let office = Office()
        let registry = try office.open()
        let card = try registry.makeCard(1, for: try Office.person(11))
        func end() throws { try registry.record(.unclaimed, on: card, handledBy: Self.keeper) }
        let issued = try CardDate("20251009")
        #expect(try refusal(end) == [.notYetUnclaimed(issued, months: 12)])
        office.passDays(364)
        #expect(try refusal(end) == [.notYetUnclaimed(issued, months: 12)])
        office.passDays(1)
        try end()
        #expect(try registry.card(card)?.state.social == .ended(.unclaimed))
    }

    @Test func aCardIsRenewedForItsExpiryShortlyBeforeItAndEarlierWithAPaper() throws {
        let expires = try CardDate("20351009")
        func reasons(afterDays days: UInt64, _ proofs: Proofs = []) throws -> [LifecycleRefusal.Reason] {
            let office = Office()
            let registry = try office.open()
            let card = try registry.issueCard(1, for: try Office.person(11))
            office.passDays(days)
            let renewal = ActEntry(
                .replaced(successor: try Office.card(2), reason: .other), on: card,
                handledBy: Handling(
                    by: Officer(number: 1001, role: .teller), proofs: proofs.union([.identityDocument, .oldCardTaken])))
            do {
                try registry.record([renewal])
                return []
            } catch {
                guard case .refused(let refusal) = error else { throw error }
                return refusal.reasons
            }
        }
        #expect(try reasons(afterDays: 0) == [.notExpiring(expires, days: 60)])
        #expect(try reasons(afterDays: 0, .paper) == [])
        // 60 days before: 10 August 2035, 3592 days from the first.
        #expect(try reasons(afterDays: 3591) == [.notExpiring(expires, days: 60)])
        #expect(try reasons(afterDays: 3592) == [])
    }

    @Test func aCounterUnderALeaseMakesCardsAsItSays() throws {
        let office = Office()
        let registry = try office.open()
        let lease = try #require(
            Lease(
                counter: 7, area: "990100", numbers: try CardNumberRange(letter: "D", first: 500, last: 509),
                terms: LeaseTerms(registerHours: 24, cardsPerDay: 1, cards: 2)))
        let grant = try registry.record(.leaseGranted(lease), handledBy: Self.upperTier).identifier
        let first = try registry.makeCard(1, for: try Office.person(11))
        let number = try #require(try registry.card(first)?.facts?.number)
        #expect(lease.numbers.contains(number), "numbers come from the lease")
        func policyNumber(_ serial: Int) -> CardNumber? { registry.policy.cardNumbers.number(at: serial) }
        func foresee(_ number: CardNumber, for serial: Int) throws {
            let person = try registry.register(try Office.person(serial), handledBy: Office.personalizer)
            let making = Act.personalized(try Office.facts(number, person))
            try registry.check([ActEntry(making, on: try Office.card(UInt32(serial)), handledBy: Office.personalizer)])
        }
        #expect(throws: RegistryError.leaseRefused([.dayUsedUp(1)])) {
            try foresee(try #require(policyNumber(501)), for: 13)
        }
        let other = try Office.firstNumber()
        #expect(throws: RegistryError.leaseRefused([.numberNotLeased(other), .dayUsedUp(1)])) {
            try foresee(other, for: 15)
        }
        office.passDays(2)
        #expect(throws: RegistryError.leaseRefused([.registerTooOld(hours: 48, allowed: 24)]), "another day") {
            try foresee(try #require(policyNumber(501)), for: 13)
        }
        try registry.record(.leaseReturned(grant), handledBy: Self.upperTier)
        try registry.makeCard(2, for: try Office.person(13))
        // Another counter's lease is no lease to work under here.
        let others = try CardNumberRange(letter: "D", first: 600, last: 609)
        let theirs = try #require(Lease(counter: 8, area: "990100", numbers: others, terms: lease.terms))
        try registry.record(.leaseGranted(theirs), handledBy: Self.upperTier)
        try registry.makeCard(4, for: try Office.person(17))
    }
}

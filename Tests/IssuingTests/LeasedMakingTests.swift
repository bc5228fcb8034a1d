import CardData
import ISO7816
import Lifecycle
import Registry
import Synchronization
import Testing
import VirtualCard

@testable import Issuing

/// Cards that are made under a lease: it is judged before the first command, and what was begun under it can be finished.
@Suite struct LeasedMakingTests {
    private final class Clock: Sendable {
        let milliseconds = Mutex<UInt64>(1_795_000_000_000)

        func passHours(_ hours: UInt64) { milliseconds.withLock { $0 += hours * 3_600_000 } }

        func turnBackHours(_ hours: UInt64) { milliseconds.withLock { $0 -= hours * 3_600_000 } }
    }

    private let clock = Clock()
    private let counter: Counter

    init() throws {
        let clock = clock
        counter = try Counter(policy: "lease: {register-hours: 24, cards-per-day: 30, cards: 1}") {
            clock.milliseconds.withLock { $0 }
        }
        let lease = try #require(
            Lease(
                counter: 7, area: counter.registry.policy.area,
                numbers: CardNumberRange(letter: "D", first: 500, last: 509), terms: counter.registry.policy.lease))
        let upperTier = Handling(
            by: Officer(number: 9001, role: .upperTier), second: Officer(number: 9002, role: .upperTier))
        try counter.registry.record(.leaseGranted(lease), handledBy: upperTier)
    }

    private func tear(_ card: VirtualCard) throws {
        let torn = try FaultChannel(VirtualCardChannel(card), cutAt: 200, .beforeAnswer) { card.powerOff() }
        #expect(throws: IssuingError.self) { try counter.desk.issue(counter.request(counter.row()), through: torn) }
        #expect(counter.journals.count == 1)
    }

    /// Something that the log has of this moment.
    private func note() throws {
        let applicant = try counter.preparation.checked(counter.row(), layoutName: "national-2.0")
        try counter.registry.register(Person(applicant), handledBy: Counter.teller)
    }

    private func refusal(_ body: () throws -> Void) throws -> [LeaseRefusal] {
        guard case .registry(.leaseRefused(let reasons)) = try #require(throws: IssuingError.self, performing: body)
        else { return [] }
        return reasons
    }

    @Test func aCardTornUnderALeaseThatHasRunOutSinceIsFinished() throws {
        let card = try counter.blank()
        try tear(card)
        clock.passHours(48)
        // Nobody else begins one by now.
        let other = try counter.blank(2)
        let blank = other.image
        #expect(
            try refusal { _ = try counter.issue(other, counter.otherRow) }
                == [.registerTooOld(hours: 48, allowed: 24), .usedUp(1)])
        #expect(other.image == blank)
        let made = try counter.issue(card)
        #expect(made.wasResumed)
        #expect(try counter.registry.card(number: made.number)?.state.shown == .sealed)
        #expect(counter.journals.isEmpty)
        #expect(try counter.registry.verify().isGood)
    }

    /// What stands half done is counted: a lease for one card makes one, torn or not.
    @Test func aTornCardUsesUpItsPlaceInTheLease() throws {
        let card = try counter.blank()
        try tear(card)
        #expect(try refusal { _ = try counter.issue(counter.blank(2), counter.otherRow) } == [.usedUp(1)])
        _ = try counter.issue(card)
        #expect(try refusal { _ = try counter.issue(counter.blank(3), counter.otherRow) } == [.usedUp(1)])
    }

    /// The log has seen the later time: a clock that is set back makes no register young again, before the grant or after it.
    @Test(arguments: [47, 50, 400] as [UInt64]) func aClockThatIsSetBackRevivesNoLease(hours: UInt64) throws {
        clock.passHours(48)
        try note()
        clock.turnBackHours(hours)
        let blank = try counter.blank()
        let image = blank.image
        #expect(try refusal { _ = try counter.issue(blank) } == [.registerTooOld(hours: 48, allowed: 24)])
        #expect(blank.image == image)
    }

    /// A grant by a clock that was ahead ages from when it was put right on, and not only after its own date.
    @Test func aLeaseThatWasGrantedByAClockThatWasAheadGrowsOld() throws {
        clock.turnBackHours(240)
        try note()
        clock.passHours(20)
        try counter.registry.checkMaking(ofBlank: [0x99], handledBy: Counter.personalizer)
        try note()
        clock.passHours(10)
        #expect(try refusal { _ = try counter.issue(counter.blank()) } == [.registerTooOld(hours: 30, allowed: 24)])
    }
}

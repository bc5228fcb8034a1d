import CardData
import CardLayout
import Foundation
import ISO7816
import Lifecycle
import Personalization
import Registry
import Testing
import VirtualCard

@testable import Issuing

/// Instant issue where a stock book is kept: what book, day and lease have against a card is told while the blank is all that lies there,
/// before a holder is asked anything (card.md §8, complaint 6).
@Suite struct IssueStockTests {
    private static let site = """
        stock-book: true
        after-day-end: refused
        lease: {register-hours: 24, cards-per-day: 30, cards: 1}
        """
    private static let keeper = Handling(by: Officer(number: 3001, role: .stockKeeper), proofs: [.paper])
    private static let upperTier = Handling(
        by: Officer(number: 9001, role: .upperTier), second: Officer(number: 9002, role: .upperTier))

    private let walk: IssueWalk
    private var registry: Registry { walk.counter.registry }

    init() throws { walk = try IssueWalk(policy: Self.site) }

    private func serials(_ card: VirtualCard) throws -> ChipSerials {
        let rule = try walk.counter.preparation.library.entry("national-2.0").compiled.profile.identity
        let chip = try #require(CardIdentity(try VirtualCardChannel(card).answerToReset, rule: rule))
        return try #require(ChipSerials([chip.bytes]))
    }

    private func receive(_ card: VirtualCard) throws {
        try registry.record(.stock(.received(.blank, serials(card))), handledBy: Self.keeper)
    }

    private func give(_ card: VirtualCard, to officer: UInt64) throws {
        try registry.record(
            .stock(.handedOver(.blank, serials(card), from: 3001, to: officer)),
            handledBy: Handling(by: Self.keeper.officer, second: Officer(number: officer, role: .teller)))
    }

    private func grantLease(_ first: Int) throws -> EventIdentifier {
        let lease = try #require(
            Lease(
                counter: 7, area: registry.policy.area,
                numbers: CardNumberRange(letter: "D", first: first, last: first + 9), terms: registry.policy.lease))
        return try registry.record(.leaseGranted(lease), handledBy: Self.upperTier).identifier
    }

    private func code(_ body: () throws -> Void) throws -> String? {
        let error = try #require(throws: (any Error).self, performing: body)
        return (error as? any FaultReporting)?.faults.first?.code.rawValue
    }

    private func checkBlank(_ issue: String) throws {
        _ = try walk.desk().perform(
            .checkBlank, of: issue, with: walk.input(nil), through: VirtualCardChannel(walk.card))
    }

    private func reservations() throws -> Int {
        try registry.log(limit: 1000).count { $0.body.act.kind == .cardNumberReserved }
    }

    @Test func aCardIsIssuedFromABlankOfTheBookAndTheDayAddsUp() throws {
        try receive(walk.card)
        try give(walk.card, to: 1002)
        let ended = try walk.advance(try walk.begin(), through: .slip)
        #expect(ended.end == .finished)
        #expect(try registry.card(#require(ended.card))?.state.shown == .normal)
        #expect(try registry.stock(of: 1002).isEmpty, "the card is with its holder")
        try registry.record(
            .dayClosed(DayCount(day: 20_261_118, owner: 1002, counted: [:])), handledBy: IssueWalk.handling)
    }

    /// The blank that is nobody's, and the one that is still the keeper's.
    @Test func aBlankThatIsNotTheTellersIsRefusedAtTheBlank() throws {
        let issue = try walk.begin()
        #expect(try code { try checkBlank(issue) } == "registry.blank-not-in-stock")
        try receive(walk.card)
        #expect(try code { try checkBlank(issue) } == "stock.piece-of-another")
        #expect(try walk.desk().progress(issue).next == .checkBlank)
        try give(walk.card, to: 1002)
        try checkBlank(issue)
        #expect(try reservations() == 0)
    }

    /// What the blank's step found good may have changed while the holder was looked up.
    @Test func aBlankThatWentToSomebodyElseIsRefusedBeforeTheHolderConfirms() throws {
        try receive(walk.card)
        try give(walk.card, to: 1002)
        let issue = try walk.begin()
        try walk.advance(issue, through: .photo)
        try registry.record(
            .stock(.handedOver(.blank, serials(walk.card), from: 1002, to: 1003)),
            handledBy: Handling(
                by: Officer(number: 1002, role: .teller), second: Officer(number: 1003, role: .teller)))
        #expect(try code { try walk.advance(issue, through: .confirm) } == "stock.piece-of-another")
        #expect(try walk.desk().progress(issue).next == .confirm)
        #expect(try reservations() == 0)
    }

    @Test func onADayThatIsClosedNothingIsBegun() throws {
        try receive(walk.card)
        try give(walk.card, to: 1002)
        let open = try walk.begin()
        try registry.record(
            .dayClosed(DayCount(day: 20_261_118, owner: 1002, counted: [.blank: serials(walk.card)])),
            handledBy: IssueWalk.handling)
        #expect(try code { try checkBlank(open) } == "stock.day-is-closed")
        #expect(try code { _ = try walk.begin() } == "stock.day-is-closed")
        #expect(try walk.desk().unfinished().issues.map(\.identifier) == [open], "no file is left of it")
    }

    @Test func underALeaseThatIsUsedUpNothingIsBegun() throws {
        let other = try walk.counter.blank(2)
        for blank in [walk.card, other] {
            try receive(blank)
            try give(blank, to: 1002)
        }
        let lease = try grantLease(500)
        let open = try walk.begin()
        try walk.advance(open, through: .photo)
        // Another invented child; check character by GB 11643, computed with Python.
        let sibling = walk.counter.row(["citizenNumber": "990165202201016833", "birthDate": "20220101"])
        #expect(try walk.advance(try walk.begin(), through: .slip, sibling, other).end == .finished)
        #expect(try code { try walk.advance(open, through: .confirm) } == "lease.used-up")
        let third = try walk.counter.blank(3)
        try receive(third)
        try give(third, to: 1002)
        let late = try walk.begin()
        #expect(try code { try walk.advance(late, through: .checkBlank, sibling, third) } == "lease.used-up")
        #expect(try reservations() == 1)
        try registry.record(.leaseReturned(lease), handledBy: Self.upperTier)
        _ = try grantLease(600)
        #expect(try walk.advance(open, through: .slip).end == .finished)
    }
}

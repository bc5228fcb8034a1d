import CardData
import Lifecycle
import Testing

@testable import Registry

/// Whose a number is while leases are open: no two counters hand out one.
@Suite struct LeaseNumberTests {
    private static let upperTier = Handling(
        by: Officer(number: 9001, role: .upperTier), second: Officer(number: 9002, role: .upperTier))
    private static let site = "version: test-1\ncard-numbers: {letter: D, first: 0, last: 99}"
    private static let terms = LeaseTerms(registerHours: 24, cardsPerDay: 5, cards: 5)

    private func lease(_ counter: UInt64, _ first: Int, _ last: Int, terms: LeaseTerms = terms) throws -> Lease {
        try #require(
            Lease(
                counter: counter, area: "990100",
                numbers: CardNumberRange(letter: "D", first: first, last: last), terms: terms))
    }

    private func reserve(_ journal: Int, _ registry: Registry, wanted: CardNumber? = nil) throws -> CardNumber {
        try registry.reserveCardNumber(for: "journal-\(journal)", wanted: wanted, handledBy: Office.personalizer)
    }

    @Test func whatWasGrantedToAnotherCounterIsHandedOutToNobodyHere() throws {
        let registry = try Office().open(site: Self.site)
        let range = registry.policy.cardNumbers
        let grant = try registry.record(.leaseGranted(try lease(8, 1, 9)), handledBy: Self.upperTier).identifier
        try registry.record(.leaseGranted(try lease(9, 11, 20)), handledBy: Self.upperTier)
        #expect(try reserve(1, registry) == range.number(at: 0))
        #expect(try reserve(2, registry) == range.number(at: 10))
        #expect(try reserve(3, registry) == range.number(at: 21))
        let theirs = try #require(range.number(at: 15))
        #expect(throws: RegistryError.leaseRefused([.anotherCounter(9)])) {
            try reserve(4, registry, wanted: theirs)
        }
        let person = try registry.register(try Office.person(11), handledBy: Office.personalizer)
        let making = ActEntry(
            .personalized(try Office.facts(theirs, person)), on: try Office.card(1), handledBy: Office.personalizer)
        #expect(throws: RegistryError.leaseRefused([.anotherCounter(9)])) { try registry.check([making]) }
        // What comes back unused is free again, before what was handed out meanwhile.
        try registry.record(.leaseReturned(grant), handledBy: Self.upperTier)
        #expect(try reserve(5, registry) == range.number(at: 1))
    }

    /// The date on a card is the one that is printed; what a counter makes in a day is what it makes in that day.
    @Test(arguments: ["20251008", "20251009", "20251020"])
    func theCardsOfADayAreThoseMadeOnIt(issued: String) throws {
        let office = Office()
        let registry = try office.open(site: Self.site)
        let terms = LeaseTerms(registerHours: 99, cardsPerDay: 1, cards: 5)
        try registry.record(.leaseGranted(try lease(7, 0, 9, terms: terms)), handledBy: Self.upperTier)
        try registry.makeCard(1, for: try Office.person(11))
        func making(_ serial: Int) throws -> ActEntry {
            let person = try registry.register(try Office.person(serial), handledBy: Office.personalizer)
            let number = try reserve(serial, registry)
            let facts = try Office.facts(number, person)
            return ActEntry(
                .personalized(
                    CardFacts(
                        number: number, person: person, layout: facts.layout, profile: facts.profile, area: facts.area,
                        issued: try CardDate(issued), expires: facts.expires, planHash: facts.planHash,
                        blankSerial: facts.blankSerial)),
                on: try Office.card(UInt32(serial)), handledBy: Office.personalizer)
        }
        let second = try making(13)
        #expect(throws: RegistryError.leaseRefused([.dayUsedUp(1)])) { try registry.check([second]) }
        office.passDays(1)
        try registry.check([second])
        // Two in one request are two.
        #expect(throws: RegistryError.leaseRefused([.dayUsedUp(1)])) { try registry.check([second, try making(15)]) }
    }

    /// They would count as cards of the lease, and stand on cards already.
    @Test func numbersThatWereUsedAreNotGranted() throws {
        let registry = try Office().open(site: Self.site)
        let range = registry.policy.cardNumbers
        let used = try #require(range.number(at: 7))
        #expect(try reserve(1, registry, wanted: used) == used)
        for (first, last) in [(3, 12), (7, 11), (3, 7)] {
            #expect(throws: RegistryError.numberTaken(used)) {
                try registry.record(.leaseGranted(try lease(7, first, last)), handledBy: Self.upperTier)
            }
        }
        try registry.record(.leaseGranted(try lease(7, 8, 12)), handledBy: Self.upperTier)
        #expect(try reserve(2, registry) == range.number(at: 8))
    }

    /// No card is made with a number outside of the policy's range: under such a lease none could be made at all.
    @Test func numbersOutsideThePolicysRangeAreNotGranted() throws {
        let registry = try Office().open(site: Self.site)
        let granted = try lease(7, 90, 109)
        let refusal = try #require(throws: RegistryError.self) {
            try registry.record(.leaseGranted(granted), handledBy: Self.upperTier)
        }
        guard case .refused(let refused) = refusal else { throw refusal }
        #expect(refused.reasons == [.numberOutOfRange(try #require(granted.numbers.number(at: 19)))])
        #expect(try registry.openLeases().isEmpty)
    }
}

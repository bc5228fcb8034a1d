import CardVerification
import Lifecycle
import Testing
import VirtualCard

@Suite struct TillCheckTests {
    @Test func aCardInUseIsNormalWithFewCommands() throws {
        let counter = try Counter()
        let card = try counter.blank()
        let issued = try counter.issue(card)
        #expect(try counter.verdict(card).reasons == [.state(.sealed)])
        try counter.act(.handedOver, on: issued)
        try counter.act(.enabled, on: issued)
        let verdict = try counter.verdict(card)
        #expect(verdict.answer == .normal)
        #expect(verdict.exitCode == 0)
        #expect(verdict.commandCount <= 10)
    }

    @Test func everyStateBesideNormalStops() throws {
        let counter = try Counter()
        let card = try counter.blank()
        let issued = try counter.issue(card)
        try counter.act(.handedOver, on: issued)
        try counter.act(.enabled, on: issued)
        try counter.act(.temporaryLoss(LossReport(channel: .telephone, reporter: .holder)), on: issued)
        #expect(try counter.verdict(card).reasons == [.state(.temporaryLoss)])
        try counter.act(.formalLoss(LossReport(channel: .counter, reporter: .holder)), on: issued)
        let verdict = try counter.verdict(card)
        #expect(verdict.reasons == [.state(.loss)])
        #expect(verdict.answer == .stop)
        #expect(verdict.exitCode == 1)
    }

    @Test func keysOfAnotherCityAreNotGenuine() throws {
        let counter = try Counter()
        let card = try counter.blank()
        let issued = try counter.issue(card)
        try counter.act(.handedOver, on: issued)
        try counter.act(.enabled, on: issued)
        #expect(try counter.verdict(card, area: "990102").reasons == [.notGenuine])
    }

    @Test func theLastDayOfValidityStillCounts() throws {
        let counter = try Counter()
        let card = try counter.blank()
        let issued = try counter.issue(card)
        try counter.act(.handedOver, on: issued)
        try counter.act(.enabled, on: issued)
        #expect(try counter.verdict(card, on: "20361122").answer == .normal)
        #expect(try counter.verdict(card, on: "20361123").reasons == [.expired("20361122")])
    }

    @Test func aCardOfAnotherRegistryIsUnknownAndABlankIsNoCard() throws {
        let counter = try Counter()
        let card = try counter.blank()
        _ = try counter.issue(card)
        let elsewhere = try Counter()
        let verdict = try elsewhere.verdict(card)
        #expect(verdict.reasons == [.notInRegistry])
        #expect(verdict.answer == .unknown)
        #expect(verdict.exitCode == 5)
        #expect(try elsewhere.verdict(elsewhere.blank()).reasons == [.notPersonalized])
    }
}

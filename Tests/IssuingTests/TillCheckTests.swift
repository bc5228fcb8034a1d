import CardData
import CardVerification
import ISO7816
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

    @Test func aCardOfACityWhoseKeysAreNotHereCannotBeJudged() throws {
        let counter = try Counter()
        let card = try counter.blank()
        let issued = try counter.issue(card)
        try counter.act(.handedOver, on: issued)
        try counter.act(.enabled, on: issued)
        let verdict = try counter.verdict(card, area: "990201")
        #expect(verdict.reasons.map(\.code) == ["issued-elsewhere"])
        #expect(verdict.answer == .unknown)
        #expect(verdict.exitCode == 4)
    }

    @Test func aLockedApplicationStops() throws {
        let counter = try Counter()
        let card = try counter.blank()
        _ = try counter.issue(card)
        // APPLICATION BLOCK: 6A81 to the selection of the environment
        let channel = try AnsweringChannel(VirtualCardChannel(card), refusing: .functionNotSupported) {
            $0.ins == 0xA4 && $0.p1 == 0x04
        }
        let verdict = try counter.verdict(card, through: channel)
        #expect(verdict.reasons == [.locked])
        #expect(verdict.answer == .stop)
    }

    /// A card that lets its own chip authenticate and shows the identification code (SSSE EF05, tag 01) of another.
    private func showing(codeOf other: any CardChannel, _ own: any CardChannel) throws -> AnsweringChannel {
        let environment: [UInt8] = Array("sx1.sh.".utf8) + [0xC9, 0xE7, 0xBB, 0xE1, 0xB1, 0xA3, 0xD5, 0xCF]
        let readCode = CommandAPDU(0x00, 0xB2, 0x01, 0x28, le: 0x12)
        _ = try other.transmit(CommandAPDU(0x00, 0xA4, 0x04, 0x00, data: environment))
        let code = try other.transmit(readCode)
        return AnsweringChannel(own) { $0 == readCode ? code : nil }
    }

    @Test func aGenuineChipThatShowsTheCodeOfAnotherCardStops() throws {
        let counter = try Counter()
        let own = try counter.blank(1)
        let victim = try counter.blank(2)
        for (card, row) in [(own, counter.row()), (victim, counter.otherRow)] {
            let issued = try counter.issue(card, row)
            try counter.act(.handedOver, on: issued)
            try counter.act(.enabled, on: issued)
        }
        let channel = try showing(codeOf: VirtualCardChannel(victim), VirtualCardChannel(own))
        let verdict = try counter.verdict(own, through: channel)
        #expect(verdict.reasons == [.anotherChip])
        #expect(verdict.answer == .stop)
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
        #expect(try elsewhere.verdict(elsewhere.blank()).reasons == [.blank])
    }

    /// After CARD BLOCK every command is answered with 6A81, GET CHALLENGE too (cos-dialects §11, 12): never a blank.
    @Test func aCardThatWasBlockedAsAWholeIsLockedAndNoBlank() throws {
        let counter = try Counter()
        let card = try counter.blank()
        let verdict = try counter.verdict(
            card, through: AnsweringChannel(VirtualCardChannel(card), refusing: .functionNotSupported) { _ in true })
        #expect(verdict.reasons == [.locked])
        #expect(verdict.answer == .stop)
    }

    /// Whoever stands at the till can tell them apart, and knows what to do with each.
    @Test func everyReasonHasACodeWordsAndANextStepOfItsOwn() {
        let stops: [Verdict.Reason] = [
            .blank, .notPersonalized, .senseless, .locked, .notGenuine, .expired("20200101"), .unknownKind,
            .notInRegistry, .expiryUnreadable, .issuedElsewhere("990201"),
        ]
        #expect(Set(stops.map(\.code)).count == stops.count)
        #expect(Set(stops.map(\.chinese)).count == stops.count)
        #expect(Set(stops.map(\.english)).count == stops.count)
        #expect(Set(stops.map { $0.nextStep[.chinese] ?? "" }).count == stops.count)
        #expect(Set(stops.map { $0.nextStep[.english] ?? "" }).count == stops.count)
    }
}

import CardData
import CardLayout
import CardVerification
import Foundation
import ISO7816
import IssuerKeys
import Issuing
import Lifecycle
import Registry
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

    /// Whatever stops the check behind the code: the card is pulled, answers out of turn, or the keys do not serve.
    @Test func aLostCardIsStoppedWhereTheCheckDoesNotComeToItsEnd() throws {
        let counter = try Counter()
        let card = try counter.blank()
        let issued = try counter.issue(card)
        try counter.act(.handedOver, on: issued)
        try counter.act(.enabled, on: issued)
        // SELECT with GET RESPONSE left, the code, and then nothing any more
        let cut = FaultChannel(try VirtualCardChannel(card), cutAt: 2, .beforeCommand) {}
        #expect(try counter.verdict(card, through: cut).answer == .unknown)
        try counter.act(.formalLoss(LossReport(channel: .counter, reporter: .holder)), on: issued)
        let again = FaultChannel(try VirtualCardChannel(card), cutAt: 2, .beforeCommand) {}
        let pulled = try counter.verdict(card, through: again)
        #expect(pulled.reasons.map(\.code) == ["state-loss", "card.removed"])
        #expect(pulled.answer == .stop)
        #expect(pulled.exitCode == 1)
        func verdict(_ keys: @escaping @autoclosure () throws -> any CardKeyService) throws -> Verdict {
            try TillCheck(
                cards: [counter.preparation.library.entry("national-2.0").compiled], keys: keys(),
                area: counter.preparation.policy.area, today: CardDate("20261122")
            ).check(VirtualCardChannel(card)) {
                try counter.registry.card(identificationCode: $0).map {
                    KnownCard(state: $0.state.shown, historicalBytes: Array(repeating: 0, count: 13))
                }
            }
        }
        func unopened() throws -> any CardKeyService { throw Faults("key-store.not-opened", ["name": "training"]) }
        let missing = try verdict(try unopened())
        #expect(missing.reasons.map(\.code) == ["state-loss", "another-chip", "key-store.not-opened"])
        #expect(missing.answer == .stop)
        let refusing = try verdict(AbsentKeys())
        #expect(refusing.reasons.prefix(2) == [.state(.loss), .anotherChip])
        #expect(refusing.reasons.count == 3)
        #expect(refusing.answer == .stop)
    }

    /// A card that shows a code of this area and has the keys of another.
    @Test func aCodeOfThisAreaUnderOtherKeysIsNotGenuine() throws {
        let elsewhere = try Counter(policy: "area: \"990102\"")
        let card = try elsewhere.blank()
        let issued = try elsewhere.issue(
            card, elsewhere.row(["identificationCode": "990101D15600000504000001A1B2C3D4"]))
        try elsewhere.act(.handedOver, on: issued)
        try elsewhere.act(.enabled, on: issued)
        let verdict = try elsewhere.verdict(card, area: "990101")
        #expect(verdict.reasons == [.notGenuine])
        #expect(verdict.answer == .stop)
    }

    /// A worn chip is not a forged one (64xx, 65xx, 6F00, 6985); a card without the key is (6A88).
    @Test(arguments: [
        (StatusWord.memoryFailure, "till.not-proved"), (StatusWord(0x6F, 0x00), "till.not-proved"),
        (.referencedDataNotFound, "not-genuine"),
    ])
    func aCardThatFailsToWorkIsNotCalledForged(answer: StatusWord, code: String) throws {
        let counter = try Counter()
        let card = try counter.blank()
        let issued = try counter.issue(card)
        try counter.act(.handedOver, on: issued)
        try counter.act(.enabled, on: issued)
        let own = try VirtualCardChannel(card)
        let channel = AnsweringChannel(own) { $0.ins == 0x88 ? ResponseAPDU(answer) : nil }
        let compiled = try counter.preparation.library.entry("national-2.0").compiled
        let verdict = try TillCheck(
            cards: [compiled], keys: counter.preparation.keys, area: "990101", today: CardDate("20261201")
        ).check(channel) { _ in KnownCard(state: .normal) }
        #expect(verdict.reasons.map(\.code) == [code])
        #expect(verdict.answer == (code == "not-genuine" ? .stop : .unknown))
    }

    /// The hierarchy makes the city's factor of six digits: two counties of one city have two sets of keys.
    @Test(arguments: ["990102", "990201"]) func aCardOfAnotherAreaIsUnknownAndNotKept(area: String) throws {
        let counter = try Counter()
        let card = try counter.blank()
        let issued = try counter.issue(card)
        try counter.act(.handedOver, on: issued)
        try counter.act(.enabled, on: issued)
        let verdict = try counter.verdict(card, area: area)
        #expect(verdict.reasons == [.issuedElsewhere("990101")])
        #expect(verdict.answer == .unknown)
        #expect(verdict.reasons.allSatisfy { $0.nextStep[.chinese]?.contains("留下卡") == false })
    }

    /// Where a hierarchy makes the city's factor of four digits, the counties share their keys, and a failed proof tells of the card.
    @Test func areasWithTheSameKeysAreToldByTheHierarchy() throws {
        let text = try String(contentsOfFile: Counter.home + "/Keys/hierarchy.yaml", encoding: .utf8)
        let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try text.replacing(
            "city: {title: 市级, digits: 6, suffix: 7378}", with: "city: {title: 市级, digits: 4, suffix: 30307378}"
        )
        .write(toFile: path, atomically: true, encoding: .utf8)
        let shared = try KeyHierarchy.read(path)
        let own = try KeyHierarchy.read(Counter.home + "/Keys/hierarchy.yaml")
        #expect(shared.givesSameKeys("990101", "990102") && !shared.givesSameKeys("990101", "990201"))
        #expect(own.givesSameKeys("990101", "990101") && !own.givesSameKeys("990101", "990102"))
        #expect(!own.givesSameKeys("99", "99"))
        let counter = try Counter()
        let card = try counter.blank()
        _ = try counter.issue(card)
        let check = TillCheck(
            cards: [try counter.preparation.library.entry("national-2.0").compiled], keys: counter.preparation.keys,
            area: "990102", today: counter.preparation.today, hierarchy: shared)
        #expect(try check.check(VirtualCardChannel(card)) { _ in nil }.reasons.contains(.notGenuine))
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

    /// A locked card lets nothing but its security domain be selected, which answers 6283 (Card Specification §11.9.3.2).
    @Test(arguments: [(0x6283, .locked), (0x9000, .blank), (0x6A82, .unknownKind)] as [(UInt16, Verdict.Reason)])
    func aLockedGlobalPlatformCardIsNoBlank(answer: UInt16, reason: Verdict.Reason) throws {
        let counter = try Counter()
        let compiled = try counter.preparation.library.entry("national-2.0@globalplatform").compiled
        let domain = try #require(compiled.profile.globalPlatform)
        let card = try GlobalPlatformCard(blank: domain, serialNumber: [0x99, 0x01, 0x00, 0x00, 0x00, 0x31])
        let channel = AnsweringChannel(try VirtualCardChannel(card)) { command in
            guard command.ins == 0xA4 else { return nil }
            return ResponseAPDU(command.data == domain.securityDomain ? StatusWord(rawValue: answer) : .fileNotFound)
        }
        #expect(try verdict(of: channel, compiled, counter).reasons == [reason])
    }

    /// A TimeCOS card with the first application of the makers' samples serves somebody (cos-dialects §9).
    @Test(arguments: [true, false]) func aTimeCOSCardOfSomebodyElseIsNoBlank(isInUse: Bool) throws {
        let counter = try Counter()
        let compiled = try counter.preparation.library.entry("national-2.0@timecos").compiled
        let card = try VirtualCard(profile: compiled.profile, serialNumber: [0x99, 0x01, 0x00, 0x00, 0x00, 0x32])
        let channel = AnsweringChannel(try VirtualCardChannel(card)) { command in
            isInUse && command.ins == 0xA4 && command.data == [0x3F, 0x01] ? ResponseAPDU(.success) : nil
        }
        #expect(try verdict(of: channel, compiled, counter).reasons == [isInUse ? .unknownKind : .blank])
    }

    private func verdict(of channel: any CardChannel, _ compiled: CompiledCard, _ counter: Counter) throws -> Verdict {
        try TillCheck(
            cards: [compiled], keys: counter.preparation.keys, area: "990101", today: CardDate("20261201")
        ).check(channel) { _ in nil }
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

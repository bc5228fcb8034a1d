import CardApplication
import CardCryptography
import CardData
import CardLayout
import CardVerification
import Foundation
import ISO7816
import IssuerKeys
import Issuing
import Lifecycle
import Personalization
import Registry
import Testing
import VirtualCard

/// A GlobalPlatform card through the same desk as all others: number, plan, run, registry, a tear, the till.
@Suite struct GlobalPlatformDeskTests {
    private func blank(_ counter: Counter, _ profile: String = "globalplatform") throws -> GlobalPlatformCard {
        let profile = try counter.preparation.library.files.globalPlatformProfile(named: profile)
        return try GlobalPlatformCard(blank: profile, serialNumber: [0x99, 0x01, 0x00, 0x00, 0x00, 0x31])
    }

    private func request(_ counter: Counter, _ layout: String) throws -> IssuingRequest {
        IssuingRequest(
            person: counter.row(), layoutName: layout, pin: try PersonalIdentificationNumber(digits: "925814"),
            handling: Counter.personalizer)
    }

    private func verdict(
        _ counter: Counter, _ card: GlobalPlatformCard, _ layout: String, area: String = "990101"
    ) throws -> Verdict {
        try TillCheck(
            cards: [counter.preparation.library.entry(layout).compiled], keys: counter.preparation.keys, area: area,
            today: CardDate("20261201")
        ).check(VirtualCardChannel(card)) {
            try counter.registry.card(identificationCode: $0).map {
                KnownCard(state: $0.state.shown, historicalBytes: $0.facts?.blankSerial)
            }
        }
    }

    @Test(arguments: [
        "national-2.0@globalplatform", "national-2.0@globalplatform-i55", "national-3.0@globalplatform-scp03",
    ])
    func aCardIsIssuedRecordedAndGenuineAtTheTill(layout: String) throws {
        let counter = try Counter()
        let card = try blank(counter, String(layout.split(separator: "@")[1]))
        let issued = try counter.desk.issue(
            request(counter, layout), through: VirtualCardChannel(card))
        let standing = try #require(try counter.registry.card(identificationCode: issued.identificationCode))
        #expect(standing.facts?.profile == layout.split(separator: "@").last.map(String.init))
        try counter.act(.handedOver, on: issued)
        try counter.act(.enabled, on: issued)
        let verdict = try verdict(counter, card, layout)
        #expect(verdict.reasons == [])
        #expect(verdict.commandCount == 5)
        // the keys of another city make another cryptogram, and judge no card of this one
        #expect(
            try self.verdict(counter, card, layout, area: "990102").reasons == [.issuedElsewhere("990101")])
        #expect(throws: IssuingError.self) {
            try counter.desk.issue(request(counter, layout), through: VirtualCardChannel(card))
        }
    }

    /// A card torn before PUT KEY has the keys of a blank: it was never finished, and nobody is told to keep it as a forged one.
    @Test func aCardWithItsPublishedKeysIsNotFinished() throws {
        let counter = try Counter()
        let layout = "national-2.0@globalplatform"
        let card = try blank(counter)
        let plan = try counter.preparation.plan(
            counter.preparation.values(
                counter.row(), counter.preparation.checked(counter.row(), layoutName: layout),
                number: CardNumber("D00000005"),
                context: CardKeyContext(algorithm: .tripleDES, area: "990101", cardFactor: [UInt8](1...8))),
            layoutName: layout, pinLength: 3, at: nil)
        let lock = try #require(plan.stages.last?.steps.count)
        let torn = FaultChannel(
            try VirtualCardChannel(card), cutAt: plan.commandCount - lock, .beforeCommand
        ) {}
        #expect(throws: IssuingError.self) { try counter.desk.issue(request(counter, layout), through: torn) }
        let verdict = try verdict(counter, card, layout)
        #expect(verdict.reasons == [.keysOfBlank, .notInRegistry])
        #expect(verdict.answer == .stop)
    }

    /// After a switch of the security domain's keys a genuine card answers with a version that this place does not have any more.
    @Test func aCardWithAnotherVersionOfTheDomainsKeysIsUnknown() throws {
        let counter = try Counter()
        let layout = "national-2.0@globalplatform"
        let card = try blank(counter)
        let issued = try counter.desk.issue(request(counter, layout), through: VirtualCardChannel(card))
        try counter.act(.handedOver, on: issued)
        try counter.act(.enabled, on: issued)
        let own = try VirtualCardChannel(card)
        func verdict(
            _ statusWord: StatusWord = .success, _ change: @escaping ([UInt8]) -> [UInt8]
        ) throws -> Verdict {
            let channel = AnsweringChannel(own) { command in
                guard command.cla == 0x80, command.ins == 0x50, let answer = try? own.transmit(command) else {
                    return nil
                }
                return ResponseAPDU(data: change(answer.data), statusWord)
            }
            return try TillCheck(
                cards: [counter.preparation.library.entry(layout).compiled], keys: counter.preparation.keys,
                area: "990101", today: CardDate("20261201")
            ).check(channel) { _ in KnownCard(state: .normal) }
        }
        // ten bytes of diversification data, then the version of the keys
        let other = try verdict { $0.isEmpty ? $0 : $0.prefix(10) + [0x7F] + $0.dropFirst(11) }
        #expect(other.reasons.map(\.code) == ["globalplatform.key-version"])
        #expect(other.answer == .unknown)
        // another cryptogram is another card
        let forged = try verdict { $0.isEmpty ? $0 : $0.dropLast() + [($0.last ?? 0) ^ 0x01] }
        #expect(forged.reasons == [.notGenuine])
        // a chip that fails to work says nothing of its keys
        let worn = try verdict(.memoryFailure) { _ in [] }
        #expect(worn.reasons.map(\.code) == ["till.not-proved"])
        #expect(worn.answer == .unknown && worn.exitCode == 3)
        #expect(try verdict(.referencedDataNotFound) { _ in [] }.reasons == [.notGenuine])
        #expect(try verdict { $0 }.reasons.isEmpty)
    }

    @Test func aTornCardIsFinishedWithItsOwnNumberAndToldMeanwhile() throws {
        let counter = try Counter()
        let layout = "national-2.0@globalplatform"
        let card = try blank(counter)
        let torn = FaultChannel(try VirtualCardChannel(card), cutAt: 200, .beforeAnswer) { card.powerOff() }
        #expect(throws: IssuingError.self) { try counter.desk.issue(request(counter, layout), through: torn) }
        let inspection = CardInspection(
            preparation: counter.preparation, journalFolder: counter.folder + "/journal",
            sealingKey: try SealingKey.load(in: counter.folder + "/journal")
        ) { try counter.registry.card(identificationCode: $0) != nil }
        let standing = try inspection.standing(of: VirtualCardChannel(card), layoutName: layout)
        #expect(standing.kind == .torn)
        // eight commands before the first of the plan looked whether it is a blank: the domain, the code, each application
        #expect(standing.torn?.done == 192)
        #expect(standing.torn?.hindrances.isEmpty == true)
        let issued = try counter.desk.issue(request(counter, layout), through: VirtualCardChannel(card))
        #expect(issued.wasResumed)
        #expect(try inspection.standing(of: VirtualCardChannel(card), layoutName: layout).kind == .issued)
    }

    @Test func verifyJudgesWhatSuchACardCanAnswer() throws {
        let counter = try Counter()
        let layout = "national-2.0@globalplatform"
        let card = try blank(counter)
        _ = try counter.desk.issue(request(counter, layout), through: VirtualCardChannel(card))
        let entry = try counter.preparation.library.entry(layout)
        let channel = try VirtualCardChannel(card)
        let context = try #require(
            CardKeyContext(channel.answerToReset, profile: entry.compiled.profile, area: "990101"))
        let before = card.image(countsChannels: false)
        let findings = try CardVerifier(
            CardConversation(
                ReadOnlyChannel(channel, allowsInitializeUpdate: true), profile: entry.compiled.profile,
                keys: counter.preparation.keys, context: context),
            entry.compiled, encoder: entry.encoder, presentsKeys: true
        ).check()
        #expect(findings.first { $0.rule == .genuine }?.verdict == .ok)
        let violated = findings.filter { if case .violated = $0.verdict { true } else { false } }
        #expect(violated == [])
        #expect(findings.contains { $0.verdict == .notProbed(.ownAffair) })
        #expect(card.image(countsChannels: false) == before)
    }

    @Test(arguments: TrainingCard.names)
    func trainingCardsAreMadeInEveryState(name: String) throws {
        let counter = try Counter()
        let layout = "national-2.0@globalplatform"
        let card = try blank(counter)
        let name = name == "torn@K" ? "torn@30" : name
        // v1 names a layout of its own, which is not for this card
        guard name != "v1" else { return }
        try TrainingCardMaker(counter.preparation).make(
            TrainingCard(name), layoutName: layout, through: VirtualCardChannel(card))
        let isIssued = !["blank", "torn@30"].contains(name)
        let environment = Array("sx1.sh.".utf8) + [0xC9, 0xE7, 0xBB, 0xE1, 0xB1, 0xA3, 0xD5, 0xCF]
        #expect(card.isPersonalized([0x73] + environment.dropFirst()) == isIssued)
    }

    /// A home whose profile `globalplatform-open` ends without replacing the blank's keys.
    private func withOpenProfile(_ body: (String) throws -> Void) throws {
        let home = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        let layouts = home.appending(path: "CardLayouts")
        let files = FileManager.default
        try files.createDirectory(at: home, withIntermediateDirectories: true)
        defer { try? files.removeItem(at: home) }
        try files.copyItem(atPath: Counter.home + "/CardLayouts", toPath: layouts.path)
        let profile = try String(
            contentsOfFile: Counter.home + "/CardLayouts/profiles/globalplatform.yaml", encoding: .utf8)
        let open = profile.split(separator: "\n").filter { !$0.hasPrefix("keyReplacement:") }
            .joined(separator: "\n").replacing("name: globalplatform\n", with: "name: globalplatform-open\n")
        try Data(open.utf8).write(to: layouts.appending(path: "profiles/globalplatform-open.yaml"))
        try body(home.path)
    }

    @Test func productionRefusesAProfileThatLeavesThePublishedKeys() throws {
        let counter = try Counter()
        try withOpenProfile { home in
            func codes(_ policy: LifecyclePolicy, _ profile: String) throws -> [String] {
                let preparation = CardPreparation(
                    library: try CardLibrary(home: home), keys: counter.preparation.keys, policy: policy,
                    today: try CardDate("20261122"))
                do throws(Faults) {
                    _ = try preparation.plan(
                        TrainingCard.person.merging(["identificationCode": "990101D15600000504000001A1B2C3D4"]) { $1 },
                        layoutName: "national-2.0@\(profile)", pinLength: 3, at: nil)
                    return []
                } catch {
                    return error.faults.map(\.code.rawValue)
                }
            }
            let production = try LifecyclePolicy.parse(
                site: "version: production-1\nmode: production\narea: \"310100\"\n", file: "policy.yaml")
            #expect(production.mode == .production)
            #expect(try codes(production, "globalplatform-open") == ["globalplatform.final-keys-missing"])
            #expect(try codes(production, "globalplatform") == [])
            #expect(try codes(counter.preparation.policy, "globalplatform-open") == [])
        }
    }
}

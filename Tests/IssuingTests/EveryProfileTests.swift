import ByteText
import CardApplication
import CardCryptography
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

/// What is done at the window with cards that holders have, on every card operating system that there is a profile of.
@Suite struct EveryProfileTests {
    static let files = [
        "national-2.0", "national-2.0@fmcos-ssse-medical",
        "national-2.0@fmcos", "national-2.0@timecos", "national-2.0@t514", "national-2.0@mcos",
        "national-3.0",
        "example-region",
    ]
    static let applications = [
        "national-2.0@globalplatform", "national-2.0@globalplatform-i55", "national-3.0@globalplatform-scp03",
    ]
    private static let taking = Handling(
        by: Counter.teller.officer, second: Counter.teller.second,
        proofs: Counter.teller.proofs.union([.oldCardTaken, .feeSettled]))

    private let counter: Counter

    init() throws { counter = try Counter() }

    private var library: CardLibrary { counter.preparation.library }

    private func blank(_ layout: String, _ number: UInt8) throws -> VirtualCardChannel {
        let serial: [UInt8] = [0x99, 0x01, 0x00, 0x00, 0x00, number]
        let profile = try library.entry(layout).compiled.profile
        guard let domain = profile.globalPlatform else {
            return try VirtualCardChannel(VirtualCard(profile: profile, serialNumber: serial))
        }
        return try VirtualCardChannel(GlobalPlatformCard(blank: domain, serialNumber: serial))
    }

    private func issue(
        _ channel: VirtualCardChannel, _ layout: String, replacing old: CardNumber? = nil
    ) throws -> RegisteredCard {
        let made = try counter.desk.issue(
            IssuingRequest(
                person: counter.row(), layoutName: layout, pin: PersonalIdentificationNumber(digits: "925814"),
                handling: Counter.personalizer,
                replacement: old.map { .init(number: $0, reason: .damaged, handling: Self.taking) }),
            through: channel)
        // A successor stays here until the old card's chip has ended.
        if old == nil {
            try counter.act(.handedOver, on: made)
            try counter.act(.enabled, on: made)
        }
        try channel.reset()
        return try #require(try counter.registry.card(identificationCode: made.identificationCode))
    }

    private func ends(of card: RegisteredCard) throws -> [ChipEnd] {
        try counter.registry.events(of: card.reference).compactMap { logged in
            if case .chipEnded(let end) = logged.body.act { end } else { nil }
        }
    }

    private func oldCards() throws -> OldCardDesk {
        OldCardDesk(
            registry: counter.registry, preparation: counter.preparation,
            visits: VisitPolicy(folder: counter.folder + "/tries", isDevelopment: true),
            journalFolder: counter.folder + "/journal",
            sealingKey: try SealingKey.load(in: counter.folder + "/journal"))
    }

    private func changes() throws -> DataChangeDesk {
        DataChangeDesk(
            registry: counter.registry, preparation: counter.preparation, journalFolder: counter.folder + "/journal",
            sealingKey: try SealingKey.load(in: counter.folder + "/journal"),
            visits: VisitPolicy(folder: counter.folder + "/tries", isDevelopment: true))
    }

    @Test func everyProfileIsAmongThem() throws {
        let tried = try Set((Self.files + Self.applications).map { try library.entry($0).compiled.profile.name })
        #expect(try tried == Set(library.files.profileNames + library.files.globalPlatformProfileNames))
    }

    // MARK: - The end of an old card

    private func renewed(_ layout: String) throws -> (
        old: RegisteredCard, oldChip: VirtualCardChannel, new: VirtualCardChannel
    ) {
        let (oldChip, new) = (try blank(layout, 1), try blank(layout, 2))
        let first = try issue(oldChip, layout)
        _ = try issue(new, layout, replacing: #require(first.facts).number)
        return (try #require(try counter.registry.card(first.reference)), oldChip, new)
    }

    private func isBlocked(_ card: VirtualCardChannel) throws -> Bool {
        try card.reset()
        return try card.transmit(CommandAPDU(0x00, 0x84, 0x00, 0x00, le: 8)).statusWord == .functionNotSupported
    }

    @Test(arguments: files) func anOldCardIsBlockedForGoodAndItsSuccessorIsNot(layout: String) throws {
        let (old, oldChip, new) = try renewed(layout)
        #expect(throws: ChipError.self, "the new card lies in the reader") {
            try oldCards().end(old, handledBy: Self.taking, through: new)
        }
        #expect(try ends(of: old).isEmpty)
        let event = try oldCards().end(old, handledBy: Self.taking, through: oldChip)
        #expect(try isBlocked(oldChip) && !isBlocked(new))
        #expect(try ends(of: old) == [.blocked])
        // Asked once more, nothing is done twice.
        #expect(try oldCards().end(old, handledBy: Self.taking, through: oldChip) == event)
        #expect(try ends(of: old) == [.blocked])
        #expect(try counter.registry.verify().isGood)
    }

    @Test(arguments: applications) func aCardWithoutCardBlockEndsAsOneThatRefuses(layout: String) throws {
        let (old, oldChip, _) = try renewed(layout)
        let profile = try library.entry(layout).compiled.profile
        #expect(profile.cardBlock == .none)
        #expect(throws: CardError.noBlockKey(profile.name)) {
            try oldCards().end(old, handledBy: Self.taking, through: oldChip)
        }
        #expect(try ends(of: old).isEmpty && !isBlocked(oldChip))
        _ = try oldCards().end(old, unless: .refused, handledBy: Self.taking, through: nil)
        #expect(try ends(of: old) == [.refused])
    }

    // MARK: - Data

    private func record(_ name: String) throws -> Person {
        let person = Person(try counter.preparation.applicant(counter.row(["name": name])))
        try counter.registry.register(person, handledBy: Counter.teller)
        return person
    }

    @Test(arguments: files) func aChangedNameIsWrittenReadBackAndBookedOnce(layout: String) throws {
        let chip = try blank(layout, 1)
        let card = try issue(chip, layout)
        let holder = try record("张小三")
        guard case .compared(let before) = try changes().look(at: chip, for: card, holder: holder) else {
            Issue.record("told as begun")
            return
        }
        #expect(before.rows.filter(\.differs).map(\.item) == [.name])
        try chip.reset()
        let outcome = try changes().change(card, to: holder, handledBy: Counter.teller, through: chip)
        #expect(outcome.elements.contains("name"))
        try chip.reset()
        guard case .compared(let after) = try changes().look(at: chip, for: card, holder: holder) else {
            Issue.record("told as begun")
            return
        }
        #expect(after.isSame)
        let booked = try counter.registry.events(of: card.reference).filter { $0.body.act.kind == .dataChanged }
        #expect(booked.map(\.event.identifier) == [outcome.event])
        #expect(counter.journals.isEmpty)
    }

    /// Records of an application on a GlobalPlatform card are sent once, when it is made: such a card is renewed.
    @Test(arguments: applications) func anApplicationsDataAreNotChangedAndTheCardIsLeftAsItWas(layout: String) throws {
        let chip = try blank(layout, 1)
        let card = try issue(chip, layout)
        let holder = try record("张小三")
        #expect {
            try changes().change(card, to: holder, handledBy: Counter.teller, through: chip)
        } throws: { error in
            (error as? any FaultReporting)?.faults.map(\.code) == ["data-change.not-on-this-card"]
        }
        let booked = try counter.registry.events(of: card.reference).filter { $0.body.act.kind == .dataChanged }
        #expect(booked.isEmpty && counter.journals.isEmpty)
    }

    /// RKSSSE (39/0A) opens the environment of version 3.0; what the chip refuses at the window is known to whoever comes next.
    @Test func theTriesOfTheComparisonAreCountedLikeAllOthers() throws {
        let chip = try blank("national-3.0", 1)
        let card = try issue(chip, "national-3.0")
        let desk = ChipDesk(
            registry: counter.registry, library: library, today: counter.preparation.today,
            keys: counter.preparation.keys, journalFolder: counter.folder + "/journal",
            sealingKey: try SealingKey.load(in: counter.folder + "/journal"))
        let refusing = AnsweringChannel(chip, refusing: .init(rawValue: 0x63C1)) { $0.ins == 0x82 }
        #expect(throws: (any Error).self) { try desk.comparison(of: refusing, with: card, holder: nil) }
        let identity = try #require(CardIdentity(chip.answerToReset))
        let record = try String(
            contentsOfFile: "\(counter.folder)/tries/\(identity.bytes.hexadecimal).visits", encoding: .utf8)
        #expect(record.contains("tries RKSSSE/0A 1\n"))
        // the last one is not spent for a comparison
        try chip.reset()
        #expect {
            try desk.comparison(of: chip, with: card, holder: nil)
        } throws: { error in
            (error as? any FaultReporting)?.faults.map(\.code) == ["card.last-try"]
        }
    }
}

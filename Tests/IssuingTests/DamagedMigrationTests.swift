import CardData
import Foundation
import ISO7816
import Issuing
import Lifecycle
import Personalization
import Registry
import Testing
import VirtualCard

/// An issued card whose migration was torn and whose journal cannot be read any more has an end: in the stock book, in the log, and on the disk.
@Suite struct DamagedMigrationTests {
    private static let atTheWindow = Handling(
        by: Officer(number: 1002, role: .teller), second: Officer(number: 2001, role: .supervisor), proofs: .cardRead)

    private let counter: Counter
    private let card: VirtualCard
    private let issued: IssuedCard
    private let identity: CardIdentity

    init() throws {
        counter = try Counter()
        card = try counter.blank()
        issued = try counter.issue(card)
        identity = try #require(CardIdentity(VirtualCardChannel(card).answerToReset))
    }

    private var path: String { "\(counter.folder)/journal/\(identity.text).migration" }

    private var desk: MigrationDesk {
        get throws {
            MigrationDesk(
                preparation: counter.preparation, journalFolder: counter.folder + "/journal",
                sealingKey: try SealingKey.load(in: counter.folder + "/journal"),
                visits: VisitPolicy(folder: counter.folder + "/tries", isDevelopment: true))
        }
    }

    private func prepare(_ channel: any CardChannel) throws -> MigrationDesk.Preparation {
        try desk.prepare(
            MigrationDesk.Request(
                from: "national-2.0", to: "national-2.0", values: ["DF01.EF08.maritalStatus": "2"]), through: channel)
    }

    /// The card is pulled behind the fourth command of its migration.
    private func tear() throws {
        let channel = try VirtualCardChannel(card)
        try channel.reset()
        let prepared = try prepare(channel)
        try channel.reset()
        let torn = FaultChannel(channel, cutAt: 4, .beforeAnswer) { [card] in card.powerOff() }
        #expect(throws: IssuingError.self) { try desk.run(prepared, through: torn) }
    }

    private func physical() throws -> PhysicalState? {
        try registered()?.state.physical
    }

    private func registered() throws -> RegisteredCard? {
        try counter.registry.card(identificationCode: issued.identificationCode)
    }

    @Test func inTheOfficeTheCardIsSpoiledUnderItsOwnCode() throws {
        try tear()
        try Damage.flipDigit(of: path)
        #expect(Damage.codes { _ = try prepare(VirtualCardChannel(card)) } == ["journal.migration-damaged"])
        let alone = Handling(by: Officer(number: 1001, role: .personalizer))
        #expect(
            Damage.codes { try counter.desk.spoilDamaged(identity, handledBy: alone) } == ["issuing.damaged-second"])
        let outcome = try counter.desk.spoilDamaged(identity, handledBy: Damage.two)
        #expect(outcome.booked == .spoiled)
        #expect(outcome.number == issued.number)
        #expect(outcome.journal == path + ".damaged.1")
        #expect(try physical() == .spoiled)
        #expect(try counter.registry.statistics().blanksSpoiled == 1)
        #expect(try counter.registry.verify().isGood)
        #expect(
            Damage.codes { try counter.desk.spoilDamaged(identity, handledBy: Damage.two) } == ["issuing.nothing-begun"]
        )
        // The person is free for another card.
        #expect(try counter.issue(counter.blank(2)).number != issued.number)
    }

    @Test func aCardThatIsOutIsTakenBackByWhoeverMayTakeCardsBack() throws {
        try counter.act(.handedOver, on: issued)
        try tear()
        try Damage.flipDigit(of: path)
        // A personaliser takes no card back, and nothing is put aside then.
        #expect(Damage.codes { try counter.desk.spoilDamaged(identity, handledBy: Damage.two) } != [])
        #expect(FileManager.default.fileExists(atPath: path))
        let outcome = try counter.desk.spoilDamaged(identity, handledBy: Self.atTheWindow)
        #expect(outcome.booked == .recovered)
        #expect(try physical() == .recovered)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func aCrashBeforeTheJournalIsPutAsideBooksTheCardOnce() throws {
        try tear()
        try Damage.flipDigit(of: path)
        let damaged = try Data(contentsOf: URL(filePath: path))
        try counter.desk.spoilDamaged(identity, handledBy: Damage.two)
        let events = try counter.registry.statistics().events
        try damaged.write(to: URL(filePath: path))
        let again = try counter.desk.spoilDamaged(identity, handledBy: Damage.two)
        #expect(again.booked == nil && again.number == issued.number)
        #expect(again.journal == path + ".damaged.2")
        #expect(try counter.registry.statistics().events == events)
    }

    @Test func aSoundJournalIsNotTakenForDamagedAndGoesOn() throws {
        try tear()
        #expect(
            Damage.codes { try counter.desk.spoilDamaged(identity, handledBy: Damage.two) } == [
                "migrate.journal-not-damaged"
            ])
        let channel = try VirtualCardChannel(card)
        try channel.reset()
        let prepared = try prepare(channel)
        #expect(prepared.done != nil)
        try channel.reset()
        try desk.run(prepared, through: channel)
        #expect(try physical() == .personalized)
    }

    @Test func aCardOfAnotherOfficeHasItsJournalPutAsideAndNothingBooked() throws {
        try tear()
        try Damage.flipDigit(of: path)
        let other = try Counter()
        try FileManager.default.copyItem(
            atPath: path, toPath: "\(other.folder)/journal/\(identity.text).migration")
        let outcome = try other.desk.spoilDamaged(identity, handledBy: Damage.two)
        #expect(outcome.number == nil && outcome.booked == nil)
        #expect(try other.registry.statistics().events == 0)
    }
}

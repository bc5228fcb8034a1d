import CardCryptography
import CardData
import Foundation
import ISO7816
import Issuing
import Lifecycle
import Personalization
import Registry
import Testing
import VirtualCard

/// A card whose journal cannot be read any more has a way out, and one that another layout was named for costs no try.
@Suite struct DamagedJournalTests {
    private let counter: Counter
    private let card: VirtualCard
    private let identity: CardIdentity

    init() throws {
        counter = try Counter()
        card = try counter.blank()
        identity = try #require(CardIdentity(VirtualCardChannel(card).answerToReset))
        let torn = try FaultChannel(VirtualCardChannel(card), cutAt: 200, .beforeAnswer) { [card] in card.powerOff() }
        #expect(throws: IssuingError.self) { try counter.desk.issue(counter.request(counter.row()), through: torn) }
    }

    private var path: String { "\(counter.folder)/journal/\(identity.text).journal" }

    @Test func aDamagedHeaderIsToldAndItsCardBookedByTwo() throws {
        try Damage.flipDigit(of: path)
        let desk = try counter.anotherDesk()
        #expect(
            Damage.codes { _ = try desk.issue(counter.request(counter.row()), through: VirtualCardChannel(card)) } == [
                "journal.damaged"
            ])
        #expect(Damage.codes { try desk.spoil(identity, handledBy: Damage.two) } == ["journal.damaged"])
        for alone in [
            Counter.personalizer,
            Handling(
                by: Officer(number: 1001, role: .personalizer), second: Officer(number: 1001, role: .supervisor)),
        ] {
            #expect(Damage.codes { try desk.spoilDamaged(identity, handledBy: alone) } == ["issuing.damaged-second"])
        }
        #expect(counter.claims.count == 1)

        let outcome = try desk.spoilDamaged(identity, handledBy: Damage.two)
        #expect(outcome.booked == .spoiled)
        let number = try #require(outcome.number)
        #expect(number == counter.preparation.policy.cardNumbers.number(at: 0))
        #expect(outcome.journal == path + ".damaged.1")
        #expect(FileManager.default.fileExists(atPath: outcome.journal))
        #expect(counter.journals.isEmpty)
        #expect(counter.claims.isEmpty)
        #expect(try counter.registry.statistics().blanksSpoiled == 1)
        #expect(try counter.registry.state(of: number) == .locked)
        #expect(try counter.registry.verify().isGood)
        // The person is free for another blank, and the chip is nobody's any more.
        #expect(
            Damage.codes { _ = try desk.issue(counter.request(counter.otherRow), through: VirtualCardChannel(card)) }
                != [])
        #expect(try counter.issue(counter.blank(2)).number != number)
        #expect(Damage.codes { try desk.spoilDamaged(identity, handledBy: Damage.two) } == ["issuing.nothing-begun"])
    }

    @Test func aCrashBeforeTheJournalIsPutAsideBooksTheCardOnce() throws {
        try Damage.flipDigit(of: path)
        let damaged = try Data(contentsOf: URL(filePath: path))
        try counter.desk.spoilDamaged(identity, handledBy: Damage.two)
        let events = try counter.registry.statistics().events
        try damaged.write(to: URL(filePath: path))
        let again = try counter.desk.spoilDamaged(identity, handledBy: Damage.two)
        #expect(again.booked == nil)
        #expect(again.journal == path + ".damaged.2")
        #expect(try counter.registry.statistics().events == events)
    }

    @Test func aSoundJournalAndAnotherSitesAreNotTakenForDamaged() throws {
        #expect(
            Damage.codes { try counter.desk.spoilDamaged(identity, handledBy: Damage.two) } == [
                "issuing.journal-not-damaged"
            ])
        let other = IssuingDesk(
            registry: counter.registry, preparation: counter.preparation, journalFolder: counter.folder + "/journal",
            sealingKey: SealingKey(try SecureRandom.secret(32)))
        #expect(
            Damage.codes { try other.spoilDamaged(identity, handledBy: Damage.two) } == ["journal.sealed-by-another"])
        #expect(counter.journals.count == 1)
        #expect(try counter.issue(card).wasResumed)
    }

    @Test func aCardGoesOnByTheLayoutItWasBegunWithAlone() throws {
        let image = card.image
        let channel = TracingChannel(try VirtualCardChannel(card))
        let other = IssuingRequest(
            person: counter.row(), layoutName: "national-1.0",
            pin: try PersonalIdentificationNumber(digits: "925814"), handling: Counter.personalizer)
        #expect(
            Damage.codes { _ = try counter.desk.issue(other, through: channel) } == [
                "personalization.begun-by-another-layout"
            ]
        )
        #expect(channel.trace.entries.isEmpty)
        #expect(card.image == image)
        #expect(try counter.issue(card).wasResumed)
    }
}

import CardData
import Foundation
import ISO7816
import Issuing
import Personalization
import Registry
import Testing
import VirtualCard

/// One person is never begun on two cards.
@Suite struct PersonClaimTests {
    /// Begins a card for a person and pulls it at a command.
    private func tear(_ card: VirtualCard, at command: Int = 200, _ counter: Counter) throws {
        let torn = try FaultChannel(VirtualCardChannel(card), cutAt: command, .beforeCommand) { card.powerOff() }
        #expect(throws: IssuingError.self) { try counter.desk.issue(counter.request(counter.row()), through: torn) }
    }

    private func expectBegun(_ first: VirtualCard, refusedFor second: VirtualCard, _ counter: Counter) throws {
        let before = second.image
        let events = try counter.registry.statistics().events
        let error = #expect(throws: IssuingError.self) { try counter.issue(second) }
        guard case .begunOnAnotherCard(let card)? = error else {
            Issue.record("not refused as begun: \(String(describing: error))")
            return
        }
        #expect(card == CardIdentity(try AnswerToReset(bytes: first.answerToReset)))
        #expect(second.image == before)
        #expect(try counter.registry.statistics().events == events)
    }

    @Test func aPersonWhoseCardIsUnfinishedIsRefusedForAnotherCard() throws {
        let counter = try Counter()
        let (first, second) = (try counter.blank(1), try counter.blank(2))
        try tear(first, counter)
        try expectBegun(first, refusedFor: second, counter)
        // Somebody else may have the second card, and the person the first.
        _ = try counter.issue(second, counter.otherRow)
        #expect(try counter.issue(first).wasResumed)
        #expect(counter.claims.isEmpty)
    }

    @Test func anotherRunOfTheProgramIsBoundByTheSameClaim() throws {
        let counter = try Counter()
        let (first, second) = (try counter.blank(1), try counter.blank(2))
        try tear(first, counter)
        let later = try counter.anotherDesk()
        let error = #expect(throws: IssuingError.self) {
            try later.issue(counter.request(counter.row()), through: VirtualCardChannel(second))
        }
        #expect(error?.faults.first?.code == "issuing.begun-on-another-card")
    }

    @Test func aCardThatIsGivenUpSetsThePersonFree() throws {
        let counter = try Counter()
        let (first, second) = (try counter.blank(1), try counter.blank(2))
        try tear(first, counter)
        try counter.desk.spoil(
            through: VirtualCardChannel(first), layoutName: "national-2.0", handledBy: Counter.personalizer)
        #expect(counter.claims.isEmpty)
        _ = try counter.issue(second)
    }

    @Test func aLostCardIsGivenUpByItsChip() throws {
        let counter = try Counter()
        let (first, second) = (try counter.blank(1), try counter.blank(2))
        try tear(first, counter)
        let chip = try #require(CardIdentity(try AnswerToReset(bytes: first.answerToReset)))
        let other = try #require(CardIdentity(try AnswerToReset(bytes: second.answerToReset)))
        #expect(throws: IssuingError.self) { try counter.desk.spoil(other, handledBy: Counter.personalizer) }
        #expect(CardIdentity(text: chip.text) == chip)
        let number = try counter.desk.spoil(chip, handledBy: Counter.personalizer).number
        #expect(try counter.registry.state(of: number) == .locked)
        #expect(try counter.registry.statistics().blanksSpoiled == 1)
        #expect(try counter.issue(second).number != number)
        // Should it turn up again, it is nobody's.
        #expect(throws: IssuingError.self) { try counter.issue(first) }
    }

    @Test func aCardBeyondRepairSetsThePersonFree() throws {
        let counter = try Counter()
        let first = try counter.blank(1)
        // The first key of the card never arrives.
        try tear(first, at: 5, counter)
        #expect(throws: IssuingError.self) { try counter.issue(first) }
        #expect(counter.claims.isEmpty)
        _ = try counter.issue(counter.blank(2))
    }

    @Test func aRefusalBeforeTheFirstCommandLeavesNoClaim() throws {
        let counter = try Counter()
        let card = try counter.blank()
        let request = IssuingRequest(
            person: counter.row(), layoutName: "national-2.0", pin: try counter.request(counter.row()).pin,
            handling: Counter.teller)
        #expect(throws: IssuingError.self) { try counter.desk.issue(request, through: VirtualCardChannel(card)) }
        #expect(counter.claims.isEmpty)
    }

    @Test func aCrashBetweenClaimAndJournalLeavesThePersonFree() throws {
        let counter = try Counter()
        let (first, second) = (try counter.blank(1), try counter.blank(2))
        try tear(first, counter)
        // As if the program had ended before the journal had its name, or after it was removed.
        let journal = try #require(counter.journals.first)
        try FileManager.default.removeItem(atPath: counter.folder + "/journal/" + journal)
        #expect(counter.claims.count == 1)
        _ = try counter.issue(second)
        #expect(counter.claims.isEmpty)
    }

    @Test func theSamePersonInTwoReadersAtOnceIsMadeOnce() throws {
        let counter = try Counter()
        let (first, second) = (try counter.blank(1), try counter.blank(2))
        let before = second.image
        var error: IssuingError?
        _ = try counter.desk.issue(
            counter.request(counter.row()), through: VirtualCardChannel(first),
            progress: { progress in
                // In the middle of the first card the second reader is given the same row.
                guard progress.done == 100 else { return }
                error = #expect(throws: IssuingError.self) { try counter.issue(second) }
            })
        #expect(error?.faults.first?.code == "issuing.being-made")
        #expect(second.image == before)
        #expect(counter.claims.isEmpty)
    }

    /// A folder restored from a copy may hold a journal without its claim.
    @Test func aTornCardOfSomebodyWhoHasACardNowIsNotFinished() throws {
        let counter = try Counter()
        let (first, second) = (try counter.blank(1), try counter.blank(2))
        try tear(first, counter)
        let claim = try #require(counter.claims.first)
        try FileManager.default.removeItem(atPath: counter.folder + "/journal/" + claim)
        _ = try counter.issue(second)
        let before = first.image
        let error = #expect(throws: IssuingError.self) { try counter.issue(first) }
        #expect(error?.faults.first?.code == "issuing.has-card")
        #expect(first.image == before)
    }

    @Test func theClaimSaysNothingOfThePerson() throws {
        let counter = try Counter()
        let first = try counter.blank(1)
        try tear(first, counter)
        let claim = try #require(counter.claims.first)
        let target = try FileManager.default.destinationOfSymbolicLink(atPath: counter.folder + "/journal/" + claim)
        #expect(target == counter.journals.first)
        let number = try #require(counter.row().values["citizenNumber"])
        #expect(!claim.contains(number))
    }
}

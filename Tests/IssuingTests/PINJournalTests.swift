import ByteText
import CardApplication
import CardCryptography
import CardData
import CardLayout
import Foundation
import ISO7816
import Lifecycle
import Registry
import Testing
import VirtualCard

@testable import Issuing

/// No PIN is changed on a card without an event, now or at the next visit or start; and none is booked twice.
@Suite struct PINJournalTests {
    private let counter: Counter
    private let card: VirtualCard
    private let reference: CardReference
    private var registry: Registry { counter.registry }
    private var folder: String { counter.folder + "/journal" }
    private var journal: PINJournal { PINJournal(folder: folder) }

    init() throws {
        counter = try Counter()
        card = try counter.blank()
        reference = CardReference(try counter.issue(card).identificationCode)
    }

    private func serve(
        _ act: HolderPIN.Act, in folder: String? = nil, through channel: (any CardChannel)? = nil
    ) throws -> PINOutcome {
        try PINDesk(
            registry: registry, preparation: counter.preparation,
            visits: VisitPolicy(folder: counter.folder + "/tries", isDevelopment: true),
            cards: [try counter.preparation.library.entry("national-2.0").compiled],
            journalFolder: folder ?? self.folder
        ).serve(
            PINRequest(act, ticket: "T-1", handling: Counter.teller), through: channel ?? VirtualCardChannel(card))
    }

    private func change(_ old: String = "925814", _ new: String = "481952") throws -> HolderPIN.Act {
        .change(from: try PersonalIdentificationNumber(digits: old), to: try PersonalIdentificationNumber(digits: new))
    }

    private var notes: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.contains(".pin-") }
    }

    private func note(_ service: PINService, ticket: String = "工单 17", locks: [EventIdentifier] = []) throws -> PINNote
    {
        PINNote(
            card: reference, service: service, ticket: ticket, handling: Counter.teller,
            since: try #require(try registry.card(reference)).lastSequence, locks: locks)
    }

    private func logged() throws -> [Act] { try registry.events(of: reference).map(\.body.act) }

    @Test func aNoteIsReadAsItWasWrittenAndNothingElseIs() throws {
        let lock = EventIdentifier(counter: 7, sequence: 3)
        let note = try note(.reset, locks: [lock])
        let text = try note.text
        #expect(PINNote(text: text) == note)
        for index in text.indices where index < text.index(before: text.endIndex) {
            var altered = text
            altered.replaceSubrange(index...index, with: text[index] == "0" ? "1" : "0")
            #expect(PINNote(text: altered) == nil)
        }
        #expect(PINNote(text: String(text.dropLast(20))) == nil)
    }

    /// A change that the end of the program broke off: nobody knows whether the card has the holder's own PIN.
    @Test func anInterruptedChangeDoesNotTellOfTheHoldersOwnPIN() throws {
        try journal.begin(try note(.change, ticket: ""))
        #expect(journal.settle(in: registry).isEmpty)
        #expect(try logged().last == .pinServed(.change, ticket: PINNote.interrupted))
        #expect(try !logged().contains(where: \.tellsOfHoldersPIN))
        _ = try serve(.reset(to: try PersonalIdentificationNumber(digits: "925814")))
        #expect(try !logged().contains(where: \.tellsOfHoldersPIN))
        _ = try serve(change())
        #expect(try logged().contains(where: \.tellsOfHoldersPIN))
    }

    /// What is to be booked is on the disk when the card gets its first command that changes it, and gone when the log has it.
    @Test func theNoteIsThereBeforeTheCardIsChanged() throws {
        final class Seen { var notes: [[String]] = [] }
        let seen = Seen()
        let watched = AnsweringChannel(try VirtualCardChannel(card)) { command in
            if command.ins == 0x5E { seen.notes.append(notes) }
            return nil
        }
        _ = try serve(change(), through: watched)
        #expect(seen.notes == [["\(reference.bytes.hexadecimal).pin-begun"]])
        #expect(notes.isEmpty)
        #expect(try logged().last == .pinServed(.change, ticket: "T-1"))
        #expect(throws: PINDeskError.self, "a wrong PIN leaves nothing to book") { try serve(change("111222")) }
        #expect(notes.isEmpty)
    }

    @Test func aNoteThatCannotBeWrittenLeavesTheCardAlone() throws {
        let before = card.image
        for act in [try change(), .reset(to: try PersonalIdentificationNumber(digits: "481952")), .unblock] {
            let error = #expect(throws: PINDeskError.self) { try serve(act, in: counter.folder + "/nowhere") }
            #expect(error?.faults.map(\.code.rawValue) == ["pin.journal"])
            #expect(error?.isUnchanged == true && error?.mayHaveCost == false)
        }
        #expect(card.image == before)
    }

    @Test(arguments: PINService.allCases) func whatWasServedAndNotBookedIsBookedOnce(service: PINService) throws {
        try registry.record(.pinLocked, on: reference, handledBy: Counter.teller)
        let locks = try #require(try registry.card(reference)).state.openRestrictions.map(\.openedBy)
        let note = try note(service, locks: service == .change ? [] : locks)
        try journal.begin(note)
        journal.note(note, .served)
        #expect(journal.settle(in: registry).isEmpty)
        let served = Act.pinServed(service, ticket: "工单 17")
        #expect(
            try logged().suffix(service == .change ? 1 : 2)
                == (service == .change ? [served] : [served, .released(Set(locks))]))
        #expect(notes.isEmpty)
        // The crash came between the commit and the note's removal.
        let events = try registry.statistics().events
        try journal.begin(note)
        journal.note(note, .served)
        #expect(journal.settle(in: registry).isEmpty)
        #expect(try registry.statistics().events == events && notes.isEmpty)
    }

    /// The program ended while the card was at work: nobody knows how much of it was done, and a lock is not lifted for it.
    @Test func whatWasBegunIsBookedAsThat() throws {
        try registry.record(.pinLocked, on: reference, handledBy: Counter.teller)
        let locks = try #require(try registry.card(reference)).state.openRestrictions.map(\.openedBy)
        try journal.begin(try note(.reset, locks: locks))
        #expect(journal.settle(in: registry).isEmpty)
        #expect(try logged().last == .pinServed(.reset, ticket: "工单 17"))
        #expect(try registry.card(reference)?.state.isRestricted(by: .pinLock) == true)
        try journal.begin(try note(.change, ticket: ""))
        #expect(journal.settle(in: registry).isEmpty)
        #expect(try logged().last == .pinServed(.change, ticket: PINNote.interrupted))
        #expect(notes.isEmpty)
    }

    @Test func theNextVisitBooksWhatTheLastLeft() throws {
        let left = try note(.unblock)
        try journal.begin(left)
        journal.note(left, .lockedInPart)
        _ = try serve(change())
        #expect(
            try logged().suffix(3) == [
                .pinLocked, .pinServed(.unblock, ticket: "工单 17"), .pinServed(.change, ticket: "T-1"),
            ])
        #expect(notes.isEmpty)
    }

    /// The loss was reported before the service could be booked: it waits until the report is released.
    @Test func whatTheRulesRefuseNowStaysForLater() throws {
        let left = try note(.change)
        try journal.begin(left)
        journal.note(left, .served)
        let loss = try registry.record(
            .temporaryLoss(LossReport(channel: .counter, reporter: .holder)), on: reference, handledBy: Counter.teller)
        #expect(journal.settle(in: registry).map(\.code.rawValue) == ["pin.journal-waits", "lifecycle.restricted"])
        #expect(throws: RegistryError.self) { try serve(change()) }
        #expect(notes.count == 1)
        try registry.record(.released([loss.identifier]), on: reference, handledBy: Counter.teller)
        #expect(journal.settle(in: registry).isEmpty)
        #expect(try logged().last == .pinServed(.change, ticket: "工单 17"))
    }

    @Test func aDamagedNoteIsToldAndStopsTheNextService() throws {
        let left = try note(.change)
        try journal.begin(left)
        let path = folder + "/" + (notes.first ?? "")
        try "form: sscard pin 1\n".write(toFile: path, atomically: false, encoding: .utf8)
        #expect(journal.settle(in: registry).map(\.code.rawValue) == ["pin.journal-damaged"])
        let error = #expect(throws: PINDeskError.self) { try serve(change()) }
        #expect(error?.faults.map(\.code.rawValue) == ["pin.earlier-not-booked", "pin.journal-damaged"])
        #expect(notes.count == 1)
    }

    /// What the rules refuse now is not lost to the next service: that is not done, and it is told why.
    @Test func noOtherServiceIsDoneWhileOneWaits() throws {
        // Booked under a policy by which one person reset PINs.
        let left = PINNote(
            card: reference, service: .reset, ticket: "工单 17",
            handling: Handling(by: Officer(number: 1002, role: .teller), proofs: Counter.teller.proofs),
            since: try #require(try registry.card(reference)).lastSequence, locks: [])
        try journal.begin(left)
        journal.note(left, .served)
        let before = (card.image, try logged())
        let error = #expect(throws: PINDeskError.self) { try serve(change()) }
        #expect(error?.faults.map(\.code.rawValue) == ["pin.earlier-waits", "lifecycle.second-person-missing"])
        #expect(error?.isUnchanged == true)
        #expect(card.image == before.0)
        #expect(try logged() == before.1)
        #expect(notes == ["\(reference.bytes.hexadecimal).pin-served"], "it waits still")
    }
}

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

@Suite struct IssuingDeskTests {
    @Test func aCardIsMadeRecordedAndItsJournalRemoved() throws {
        let counter = try Counter()
        let card = try counter.issue(counter.blank())
        #expect(card.number == counter.preparation.policy.cardNumbers.number(at: 0))
        let registered = try #require(try counter.registry.card(number: card.number))
        #expect(registered.state.shown == .sealed)
        #expect(registered.facts?.planHash == card.planHash)
        #expect(counter.journals.isEmpty)
        #expect(try counter.registry.verify().isGood)
    }

    @Test func badDataTellsEverythingAndChangesNothing() throws {
        let counter = try Counter()
        let card = try counter.blank()
        let before = card.image
        let row = counter.row(["citizenNumber": "990165200802116850", "sex": "7", "birthDate": "20080231"])
        let error = #expect(throws: IssuingError.self) { try counter.issue(card, row) }
        let codes = (error?.faults ?? []).map(\.code.rawValue)
        #expect(codes.contains("citizen-number.check-character"))
        #expect(codes.contains("sex.unknown"))
        #expect(codes.contains("date.calendar"))
        #expect(card.image == before)
        #expect(try counter.registry.statistics().events == 0)
        #expect(counter.journals.isEmpty)
    }

    @Test func aSecondCardForOnePersonIsRefused() throws {
        let counter = try Counter()
        _ = try counter.issue(counter.blank(1))
        let second = try counter.blank(2)
        let before = second.image
        #expect(throws: IssuingError.self) { try counter.issue(second) }
        #expect(second.image == before)
    }

    @Test func anIssuedCardIsNotWrittenAgain() throws {
        let counter = try Counter()
        let card = try counter.blank()
        _ = try counter.issue(card)
        let before = card.image
        #expect(throws: IssuingError.self) { try counter.issue(card, counter.otherRow) }
        #expect(card.image == before)
    }

    @Test func aTornCardIsNeverGivenToAnotherPerson() throws {
        let counter = try Counter()
        let card = try counter.blank()
        let torn = try FaultChannel(VirtualCardChannel(card), cutAt: 200, .beforeAnswer) { card.powerOff() }
        #expect(throws: IssuingError.self) { try counter.desk.issue(counter.request(counter.row()), through: torn) }
        let image = card.image
        #expect(throws: IssuingError.self) { try counter.issue(card, counter.otherRow) }
        #expect(card.image == image)
        let finished = try counter.issue(card)
        #expect(finished.wasResumed)
        #expect(try counter.registry.card(number: finished.number)?.state.shown == .sealed)
        #expect(counter.journals.isEmpty)
    }

    @Test func aCardBeyondRepairIsBookedAsSpoiled() throws {
        let counter = try Counter()
        let card = try counter.blank()
        // The classification takes two commands; the plan's fourth, the first key of the card, never arrives.
        let torn = try FaultChannel(VirtualCardChannel(card), cutAt: 5, .beforeCommand) { card.powerOff() }
        #expect(throws: IssuingError.self) { try counter.desk.issue(counter.request(counter.row()), through: torn) }
        let error = #expect(throws: IssuingError.self) { try counter.issue(card) }
        guard case .spoiled(let number?)? = error else {
            Issue.record("not spoiled: \(String(describing: error))")
            return
        }
        #expect(try counter.registry.statistics().blanksSpoiled == 1)
        #expect(counter.journals.isEmpty)
        // The number may stand on the plastic: it is not given out again.
        let next = try counter.issue(counter.blank(2))
        #expect(next.number != number)
    }

    @Test func aCrashAfterTheCommitRecordsTheActOnce() throws {
        let counter = try Counter()
        let card = try counter.blank()
        let torn = try FaultChannel(VirtualCardChannel(card), cutAt: 494, .beforeCommand) { card.powerOff() }
        _ = try? counter.desk.issue(counter.request(counter.row()), through: torn)
        let journal = try #require(counter.journals.first)
        let path = counter.folder + "/journal/" + journal
        let saved = try Data(contentsOf: URL(fileURLWithPath: path))
        let first = try counter.issue(card)
        let events = try counter.registry.statistics().events
        // The journal is there again, as after a crash between commit and removal.
        let text = saved.prefix { $0 != 0 }
        try (text + Data("E 0\n".utf8)).write(to: URL(fileURLWithPath: path))
        let second = try counter.issue(card)
        #expect(second.number == first.number)
        #expect(try counter.registry.statistics().events == events)
        #expect(counter.journals.isEmpty)
    }

    @Test func aSlipThatCannotBePrintedIsPrintedWhenTheCardComesBack() throws {
        struct NoPaper: Error {}
        let counter = try Counter()
        let card = try counter.blank()
        #expect(throws: IssuingError.self) {
            try counter.desk.issue(
                counter.request(counter.row()), through: VirtualCardChannel(card), onRecorded: { _ in throw NoPaper() })
        }
        let events = try counter.registry.statistics().events
        var slips: [PersonalIdentificationNumber] = []
        // Another PIN is asked for; the one on the card is what the slip must tell.
        let request = IssuingRequest(
            person: counter.row(), layoutName: "national-2.0",
            pin: try PersonalIdentificationNumber(digits: "185294"), handling: Counter.personalizer)
        _ = try counter.desk.issue(request, through: VirtualCardChannel(card), onRecorded: { slips.append($0.pin) })
        #expect(slips == [try PersonalIdentificationNumber(digits: "925814")])
        #expect(try counter.registry.statistics().events == events)
        #expect(counter.journals.isEmpty)
    }

    @Test func aTornCardDoesNotGoOnWithOtherData() throws {
        let counter = try Counter()
        let card = try counter.blank()
        let torn = try FaultChannel(VirtualCardChannel(card), cutAt: 200, .beforeAnswer) { card.powerOff() }
        #expect(throws: IssuingError.self) { try counter.desk.issue(counter.request(counter.row()), through: torn) }
        let image = card.image
        let error = #expect(throws: IssuingError.self) { try counter.issue(card, counter.row(["name": "章三"])) }
        #expect(error?.faults.first?.parameters["names"] == "name")
        #expect(card.image == image)
    }

    @Test func aCardThatShallNotBeFinishedIsGivenUp() throws {
        let counter = try Counter()
        let card = try counter.blank()
        #expect(throws: IssuingError.self) {
            try counter.desk.spoil(
                through: VirtualCardChannel(card), layoutName: "national-2.0", handledBy: Counter.personalizer)
        }
        let torn = try FaultChannel(VirtualCardChannel(card), cutAt: 200, .beforeAnswer) { card.powerOff() }
        #expect(throws: IssuingError.self) { try counter.desk.issue(counter.request(counter.row()), through: torn) }
        let number = try counter.desk.spoil(
            through: VirtualCardChannel(card), layoutName: "national-2.0", handledBy: Counter.personalizer
        ).number
        #expect(try counter.registry.statistics().blanksSpoiled == 1)
        #expect(try counter.registry.state(of: number) == .locked)
        #expect(counter.journals.isEmpty)
        // The person gets another card; the half-written one is nobody's.
        #expect(try counter.issue(counter.blank(2)).number != number)
        #expect(throws: IssuingError.self) { try counter.issue(card, counter.otherRow) }
    }

    @Test func aReplacementEndsTheOldCardInTheSameTransaction() throws {
        let counter = try Counter()
        let old = try counter.issue(counter.blank(1))
        try counter.act(.handedOver, on: old)
        try counter.act(.enabled, on: old)
        try counter.act(.formalLoss(LossReport(channel: .counter, reporter: .holder)), on: old)
        let new = try counter.issue(counter.blank(2), replacing: old.number)
        let ended = try #require(try counter.registry.card(number: old.number))
        #expect(ended.state.shown == .ended)
        #expect(ended.successor == CardReference(new.identificationCode))
        #expect(try counter.registry.card(number: new.number)?.state.shown == .sealed)
        #expect(try counter.registry.verify().isGood)
    }

    @Test func whatTheRegistryWouldRefuseIsRefusedWhileTheCardIsStillBlank() throws {
        let counter = try Counter()
        let byTeller = IssuingRequest(
            person: counter.row(), layoutName: "national-2.0",
            pin: try PersonalIdentificationNumber(digits: "925814"), handling: Counter.teller)
        let outOfRange = try counter.request(counter.row(["cardNumber": Self.numberOfAnotherCounter]))
        for (index, (request, code)) in [
            (byTeller, "lifecycle.role-not-allowed"), (outOfRange, "lifecycle.number-out-of-range"),
        ].enumerated() {
            let card = try counter.blank(UInt8(index))
            let before = card.image
            let error = #expect(throws: IssuingError.self) {
                try counter.desk.issue(request, through: VirtualCardChannel(card))
            }
            #expect(error?.faults.map(\.code.rawValue) == [code])
            #expect(card.image == before)
            #expect(counter.journals.isEmpty)
        }
        #expect(try counter.registry.verify().isGood)
    }

    /// Letter A where the policy's range has D; check character as card.md §1.8 has it, by hand: 11 − 10 · 3 mod 11 = 3.
    private static let numberOfAnotherCounter = "A00000003"

    @Test func aReplacementWithoutItsProofsWritesNothing() throws {
        let counter = try Counter()
        let old = try counter.issue(counter.blank(1))
        try counter.act(.handedOver, on: old)
        let card = try counter.blank(2)
        let before = card.image
        // No formal loss was reported, so the old card cannot be replaced as lost.
        #expect(throws: IssuingError.self) { try counter.issue(card, replacing: old.number) }
        #expect(card.image == before)
        #expect(counter.journals.isEmpty)
    }

    @Test func twoCardsNeverHaveOneIdentificationCode() throws {
        let counter = try Counter()
        let first = try counter.issue(counter.blank(1))
        let card = try counter.blank(2)
        let before = card.image
        var row = counter.otherRow
        row = PersonRecord(
            values: row.values.merging(["identificationCode": first.identificationCode.text]) { $1 }, place: row.place)
        let error = #expect(throws: IssuingError.self) { try counter.issue(card, row) }
        #expect(error?.faults.first?.code == "issuing.identification-code-taken")
        #expect(card.image == before)
    }

    @Test func aCrashAfterASpoiledCardIsBookedBooksItOnce() throws {
        let counter = try Counter()
        let card = try counter.blank()
        let torn = try FaultChannel(VirtualCardChannel(card), cutAt: 5, .beforeCommand) { card.powerOff() }
        #expect(throws: IssuingError.self) { try counter.desk.issue(counter.request(counter.row()), through: torn) }
        let path = counter.folder + "/journal/" + (try #require(counter.journals.first))
        let saved = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(throws: IssuingError.self) { try counter.issue(card) }
        let events = try counter.registry.statistics().events
        // The journal is there again, as after a crash between commit and removal.
        try saved.write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: IssuingError.self) { try counter.issue(card) }
        guard case .spoiled? = error else {
            Issue.record("not spoiled: \(String(describing: error))")
            return
        }
        #expect(try counter.registry.statistics().events == events)
        #expect(counter.journals.isEmpty)
    }

    @Test func aTornReplacementIsFinishedOnItsFirstTerms() throws {
        let counter = try Counter()
        let old = try counter.issue(counter.blank(1))
        try counter.act(.handedOver, on: old)
        try counter.act(.formalLoss(LossReport(channel: .counter, reporter: .holder)), on: old)
        let card = try counter.blank(2)
        let torn = try FaultChannel(VirtualCardChannel(card), cutAt: 300, .beforeAnswer) { card.powerOff() }
        #expect(throws: IssuingError.self) {
            try counter.desk.issue(counter.request(counter.row(), replacing: old.number), through: torn)
        }
        // Whoever puts the card in again need not know what it replaces.
        let new = try counter.issue(card)
        #expect(new.wasResumed)
        #expect(
            try counter.registry.card(number: old.number)?.successor == CardReference(new.identificationCode))
    }

    @Test func nothingPersonalStandsOpenInTheJournal() throws {
        let counter = try Counter()
        let card = try counter.blank()
        let torn = try FaultChannel(VirtualCardChannel(card), cutAt: 200, .beforeCommand) { card.powerOff() }
        _ = try? counter.desk.issue(counter.request(counter.row()), through: torn)
        let journal = try #require(counter.journals.first)
        let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: counter.folder + "/journal/" + journal)))
        for planted in ["990165200802116857", "925814", "张三"] {
            #expect(!bytes.contains(Array(planted.utf8)), "\(planted.count) characters found")
            #expect(
                !bytes.contains(
                    Array(
                        planted.utf8.map { byte in
                            String(byte, radix: 16, uppercase: true)
                        }.joined().utf8)))
        }
    }
}

extension [UInt8] {
    fileprivate func contains(_ needle: [UInt8]) -> Bool {
        guard !needle.isEmpty, count >= needle.count else { return false }
        return (0...count - needle.count).contains { self[$0..<$0 + needle.count].elementsEqual(needle) }
    }
}

import ByteText
import CardData
import CardLayout
import ISO7816
import Issuing
import Lifecycle
import Personalization
import Registry
import Testing
import VirtualCard

/// Cards that are swapped, that another office has in the making, or whose blank was used before.
@Suite struct SecondCounterTests {
    private func tear(_ card: VirtualCard, at step: Int, _ counter: Counter, _ row: PersonRecord? = nil) throws {
        let torn = try FaultChannel(VirtualCardChannel(card), cutAt: step, .beforeAnswer) { card.powerOff() }
        #expect(throws: IssuingError.self) {
            try counter.desk.issue(counter.request(row ?? counter.row()), through: torn)
        }
    }

    private func standing(_ channel: any CardChannel, _ counter: Counter) throws -> CardStanding {
        try CardInspection(
            preparation: counter.preparation, journalFolder: counter.folder + "/journal",
            sealingKey: SealingKey.load(in: counter.folder + "/journal")
        ) { try counter.registry.card(identificationCode: $0) != nil }
        .standing(of: channel, layoutName: "national-2.0")
    }

    private func standing(_ card: VirtualCard, _ counter: Counter) throws -> CardStanding {
        try standing(VirtualCardChannel(card), counter)
    }

    @Test(arguments: [3, 120, 300, 480])
    func anotherCardPutInMeanwhileIsLeftAloneAndTheFirstIsFinished(command: Int) throws {
        let counter = try Counter()
        let first = try counter.blank(1)
        let second = try counter.issue(counter.blank(2), counter.otherRow)
        let other = try counter.blank(2)
        #expect(second.number.text != "")
        let before = other.image
        let channel = try SwappedChannel(VirtualCardChannel(first), VirtualCardChannel(other), at: command)
        #expect(throws: IssuingError.self) { try counter.desk.issue(counter.request(counter.row()), through: channel) }
        #expect(other.image.elementsEqual(before), "the card was changed")
        #expect(channel.seenBySecond == 0)
        #expect(try counter.issue(first).wasResumed)
    }

    @Test func aBlankPutInForATornCardStaysABlank() throws {
        let counter = try Counter()
        let card = try counter.blank(1)
        try tear(card, at: 200, counter)
        let blank = try counter.blank(2)
        let before = blank.image
        let error = #expect(throws: IssuingError.self) { try counter.issue(blank) }
        #expect(error?.faults.map(\.code.rawValue) == ["issuing.begun-on-another-card"])
        #expect(blank.image.elementsEqual(before), "the card was changed")
        #expect(try counter.issue(card).wasResumed)
    }

    /// Steps of the national 2.0 plan: in the files and keys, in the data, before the lock.
    @Test(arguments: [60, 330, 480])
    func anOfficeWithoutTheJournalNeverBeginsAnew(step: Int) throws {
        let first = try Counter()
        let second = try Counter()
        let card = try first.blank()
        try tear(card, at: step, first)
        let before = card.image
        #expect(throws: IssuingError.self) { try second.issue(card, second.otherRow) }
        #expect(card.image.elementsEqual(before), "the card was changed")
        let told = try standing(card, second)
        // Once its identification code is written the card looks like one that was issued, and nobody here can say that it was.
        #expect(told.kind == .unknown)
        #expect(told.exitCode == 3)
        #expect(told.isRegistered == (told.identificationCode == nil ? nil : false))
        #expect(try first.issue(card).wasResumed)
    }

    /// Both offices have a journal of one chip: begun here and torn while still blank, then made elsewhere for somebody else.
    @Test(arguments: [nil, 400])
    func anOfficeWithAnOlderJournalOfTheSameChipLeavesTheOthersCardAlone(tornAt: Int?) throws {
        let first = try Counter()
        let second = try Counter()
        let card = try first.blank()
        try tear(card, at: 2, first)
        // Offices have ranges of their own; here both have the policy's, and the second takes a number further on.
        let number = try #require(second.preparation.policy.cardNumbers.number(at: 5))
        let row = PersonRecord(
            values: second.otherRow.values.merging(["cardNumber": number.text]) { $1 }, place: second.otherRow.place)
        if let tornAt {
            try tear(card, at: tornAt, second, row)
        } else {
            _ = try second.issue(card, row)
        }
        let before = card.image
        let error = #expect(throws: IssuingError.self) { try first.issue(card) }
        #expect(error?.faults.map(\.code.rawValue) == ["personalization.not-as-left"])
        // Every try counter is part of the image.
        #expect(card.image.elementsEqual(before), "the card was changed")
        #expect(first.journals.count == 1)
        #expect(try standing(card, first).torn?.hindrances.map(\.code.rawValue) == ["personalization.not-as-left"])
    }

    @Test func aCardThatWasErasedElsewhereIsNotTakenForOurs() throws {
        let counter = try Counter()
        try tear(counter.blank(), at: 480, counter)
        // The same chip, blank again.
        let erased = try counter.blank()
        let error = #expect(throws: IssuingError.self) { try counter.issue(erased) }
        #expect(error?.faults.map(\.code.rawValue) == ["personalization.not-as-left"])
    }

    @Test func aChipThatWasSpoiledMakesNoOtherCard() throws {
        let counter = try Counter()
        let card = try counter.blank()
        try tear(card, at: 2, counter)
        let number = try counter.desk.spoil(
            through: VirtualCardChannel(card), layoutName: "national-2.0", handledBy: Counter.personalizer
        ).number
        let before = card.image
        let error = #expect(throws: IssuingError.self) { try counter.issue(card, counter.otherRow) }
        #expect(error?.faults.first?.code == "issuing.chip-spent")
        #expect(error?.faults.first?.parameters["number"] == number.printed)
        #expect(card.image.elementsEqual(before), "the card was changed")
        #expect(try counter.registry.statistics().blanksSpoiled == 1)
    }

    @Test func aSpoiledCardsNumberIsTold() throws {
        let counter = try Counter()
        let card = try counter.blank()
        let torn = try FaultChannel(VirtualCardChannel(card), cutAt: 5, .beforeCommand) { card.powerOff() }
        #expect(throws: IssuingError.self) { try counter.desk.issue(counter.request(counter.row()), through: torn) }
        let error = #expect(throws: IssuingError.self) { try counter.issue(card) }
        let told = error?.faults.first { $0.code == "issuing.number-locked" }
        let number = try #require(counter.preparation.policy.cardNumbers.number(at: 0))
        #expect(told?.parameters["number"] == number.printed)
    }

    // MARK: - What is told of a card

    @Test func everyClassIsTold() throws {
        let counter = try Counter()
        let card = try counter.blank()
        #expect(try standing(card, counter).kind == .blank)
        try tear(card, at: 300, counter)
        let image = card.image
        let told = try standing(card, counter)
        #expect(told.kind == .torn)
        // Two commands tell the blank; of the 299 of the plan that were sent the last had no answer.
        #expect(told.torn?.done == 298)
        #expect(told.torn?.total == 493)
        #expect(told.torn?.holder.contains("990165200802116857") == false)
        #expect(told.torn?.holder.contains("张三") == false)
        #expect(told.torn?.holder.hasPrefix("张*") == true)
        #expect(told.torn?.hindrances.isEmpty == true)
        #expect(card.image.elementsEqual(image), "the card was changed")
        let issued = try counter.issue(card)
        let after = try standing(card, counter)
        #expect(after.kind == .issued)
        #expect(after.identificationCode == issued.identificationCode.text)
        #expect(after.isRegistered == true)
        #expect(after.exitCode == 0)
    }

    @Test func blockedAndForeignCardsAreTold() throws {
        let counter = try Counter()
        // CARD BLOCK: 6A81 to everything
        let blocked = try AnsweringChannel(
            VirtualCardChannel(counter.blank()), refusing: .functionNotSupported
        ) { _ in true }
        #expect(try standing(blocked, counter).kind == .blocked)
        let error = #expect(throws: IssuingError.self) {
            try counter.desk.issue(counter.request(counter.row()), through: blocked)
        }
        #expect(error?.faults.map(\.code.rawValue) == ["personalization.blocked"])
        #expect(counter.journals.isEmpty)
        let other = try VirtualCard(
            profile: counter.preparation.library.entry("national-3.0").compiled.profile,
            serialNumber: [0x99, 0x01, 0x00, 0x00, 0x00, 0x09])
        #expect(try standing(other, counter).kind == .foreign)
    }
}

/// A reader whose card is swapped for another before a command; the way to the card says whose answer to reset it has.
private final class SwappedChannel: CardChannel {
    private let first: any CardChannel
    private let second: any CardChannel
    private let command: Int
    private var count = 0
    private(set) var seenBySecond = 0

    init(_ first: any CardChannel, _ second: any CardChannel, at command: Int) {
        self.first = first
        self.second = second
        self.command = command
    }

    private var isSwapped: Bool { count >= command }
    var answerToReset: AnswerToReset { isSwapped ? second.answerToReset : first.answerToReset }
    var largestCommandData: Int { first.largestCommandData }

    func transmit(_ command: CommandAPDU) throws(CardChannelError) -> ResponseAPDU {
        defer { count += 1 }
        guard isSwapped else { return try first.transmit(command) }
        seenBySecond += 1
        return try second.transmit(command)
    }

    func reset() throws(CardChannelError) { try isSwapped ? second.reset() : first.reset() }
}

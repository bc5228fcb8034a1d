import CardApplication
import CardCryptography
import CardData
import CardLayout
import ISO7816
import IssuerKeys
import Issuing
import Testing
import VirtualCard

/// A training card that has paid: its log is its own work.
@Suite struct TrainingTerminalTests {
    private let counter: Counter
    private static let layout = "national-2.0@\(TrainingTerminal.profileName)"

    init() throws { counter = try Counter() }

    private func issued(_ layout: String) throws -> VirtualCard {
        let card = try VirtualCard(
            profile: counter.preparation.library.entry(layout).compiled.profile,
            serialNumber: [0x99, 0x01, 0x00, 0x00, 0x00, 0x01])
        try TrainingCardMaker(counter.preparation).make(
            TrainingCard("issued"), layoutName: layout, through: VirtualCardChannel(card))
        return card
    }

    /// Of 32 purchases the 30 newest are there; the amounts are 12.50 yuan and 3.75 more each time, half of it out of the pooled fund.
    @Test func theRingIsFullAndTheOldestAreGone() throws {
        let card = try issued(Self.layout)
        try TrainingTerminal(counter.preparation).pay(layoutName: Self.layout, through: VirtualCardChannel(card))
        let compiled = try counter.preparation.library.entry(Self.layout).compiled
        let channel = try VirtualCardChannel(card)
        try channel.reset()
        let context = try #require(CardKeyContext(channel.answerToReset, profile: compiled.profile, area: "990101"))
        let conversation = CardConversation(
            channel, with: compiled, keys: counter.preparation.keys, context: context,
            pin: try PersonalIdentificationNumber(digits: TrainingCard.pinDigits))
        let readings = try CardReader(conversation, compiled, presentsKeys: false, pinLength: 3)
            .read(directories: ["DF04"])
        let content = CardDump(
            layoutName: compiled.layout.name, answerToReset: channel.answerToReset.bytes, readings: readings
        ).content(by: compiled.layout)
        guard case .rows(let rows)? = content.file("DF04", "EF08")?.content else {
            Issue.record("no log")
            return
        }
        #expect(rows.count == 30)
        #expect(
            rows.first == [
                "transactionNumber": "001F", "kind": "2", "terminalNumber": "990101000001", "time": "20260401090000",
                "accountAmount": "00000000", "selfPaidAmount": "0000324B", "pooledAmount": "00001925",
            ])
        #expect(rows.last?["transactionNumber"] == "0002")
    }

    @Test func aCardWithoutPurchaseKeysPaysNothing() throws {
        let card = try issued("national-2.0")
        let before = card.image
        #expect(throws: Faults.self) {
            try TrainingTerminal(counter.preparation).pay(layoutName: "national-2.0", through: VirtualCardChannel(card))
        }
        #expect(card.image == before)
    }
}

import CardApplication
import CardData
import CardLayout
import ISO7816
import Testing
import VirtualCard

/// What the form of a card system lets through, and what it keeps from a card.
@Suite struct FormatChannelTests {
    /// FMCOS takes EF (239) bytes, one reader of this test 64: the smaller counts (cos-dialects §2.1).
    @Test(arguments: [(255, 239), (64, 64)]) func theSmallerLimitCounts(reader: Int, most: Int) throws {
        let base = try NarrowChannel(limit: reader, answer: [])
        let channel = FormatChannel(base, profile: try CardSite.profile())
        #expect(channel.largestCommandData == most)
        func update(_ count: Int) throws -> CommandAPDU {
            try CommandAPDU(0x00, 0xD6, 0x95, 0x00, data: [UInt8](repeating: 0xA5, count: count))
        }
        #expect(try channel.transmit(update(most)).statusWord == .success)
        #expect(throws: CardChannelError.commandTooLong(most + 1, most: most)) {
            try channel.transmit(update(most + 1))
        }
        #expect(base.received == 1)
        #expect(CardChannelError.commandTooLong(most + 1, most: most).faults.map(\.code) == ["card.command-too-long"])
    }

    @Test func anAnswerLongerThanAnyIsNone() throws {
        let profile = try CardSite.profile()
        let read = CommandAPDU(0x00, 0xB0, 0x95, 0x00, le: 0)
        let longest = [UInt8](repeating: 1, count: 256)
        #expect(try FormatChannel(NarrowChannel(answer: longest), profile: profile).transmit(read).data == longest)
        #expect(throws: CardChannelError.malformedAnswer(259)) {
            try FormatChannel(NarrowChannel(answer: longest + [1]), profile: profile).transmit(read)
        }
    }

    /// The product's way: a conversation sends nothing that the card system does not take, and says so; the card still answers.
    @Test func aConversationHoldsToTheForm() throws {
        let profile = try CardSite.variant("largestCommandData: 32")
        let card = try VirtualCard(profile: profile, serialNumber: [0x99, 1, 0, 0, 0, 1])
        let tracing = TracingChannel(try VirtualCardChannel(card))
        let conversation = try CardSite.conversation(tracing, profile: profile)
        let long = try CommandAPDU(0x00, 0xD6, 0x95, 0x00, data: [UInt8](repeating: 0, count: 33))
        #expect(throws: CardError.channel(.commandTooLong(33, most: 32))) { try conversation.send(.fixed(long)) }
        #expect(tracing.trace.entries.isEmpty)
        #expect(try conversation.perform(.fixed(CommandAPDU(0x00, 0x84, 0x00, 0x00, le: 8))).count == 8)
    }
}

/// A reader of short commands, and a card that always answers the same.
private final class NarrowChannel: CardChannel {
    let answerToReset: AnswerToReset
    let largestCommandData: Int
    private let answer: [UInt8]
    private(set) var received = 0

    init(limit: Int = 255, answer: [UInt8]) throws {
        largestCommandData = limit
        self.answer = answer
        answerToReset = try AnswerToReset(bytes: [0x3B, 0x00])
    }

    func transmit(_ command: CommandAPDU) throws(CardChannelError) -> ResponseAPDU {
        received += 1
        return ResponseAPDU(data: answer, .success)
    }

    func reset() throws(CardChannelError) {}
}

import ByteText
import CardData
import ISO7816
import Issuing
import Personalization
import Testing
import VirtualCard

/// One card in two readers, of which one takes shorter commands: the journal knows the block that its plan was made for.
@Suite struct ReaderLimitTests {
    /// A photo of 4,096 bytes, which travels in pieces of 239 where the reader takes them.
    private static let photo =
        [0xFF, 0xD8, 0xFF] + (0..<4091).map { UInt8(truncatingIfNeeded: $0 &* 31) } + [0xFF, 0xD9]
    private static let narrow = 128

    private func issue(_ counter: Counter, _ channel: any CardChannel) throws -> IssuedCard {
        try counter.desk.issue(counter.request(counter.row(["photo": Self.photo.hexadecimal])), through: channel)
    }

    @Test func aCardThatWasBegunInAWideReaderWaitsForOne() throws {
        let counter = try Counter()
        let card = try counter.blank()
        let torn = FaultyCommands(try VirtualCardChannel(card), failingAfter: 430)
        #expect(throws: IssuingError.self) { try issue(counter, torn) }
        let before = card.image
        let narrow = FaultyCommands(try VirtualCardChannel(card), failingAfter: 10_000, taking: Self.narrow)
        let refusal = #expect(throws: IssuingError.self) { try issue(counter, narrow) }
        #expect(refusal?.faults.map(\.code) == ["plan.reader-takes-less"])
        #expect(narrow.count == 0)
        #expect(card.image == before)
        #expect(try issue(counter, VirtualCardChannel(card)).wasResumed)
    }

    @Test func aCardThatWasBegunInANarrowReaderGoesOnInAnyOther() throws {
        let counter = try Counter()
        let card = try counter.blank()
        let torn = FaultyCommands(try VirtualCardChannel(card), failingAfter: 430, taking: Self.narrow)
        #expect(throws: IssuingError.self) { try issue(counter, torn) }
        let wide = FaultyCommands(try VirtualCardChannel(card), failingAfter: 10_000)
        let finished = try issue(counter, wide)
        #expect(finished.wasResumed)
        #expect(counter.journals.isEmpty)
    }
}

import ByteText
import CardApplication
import CardData
import CardLayout
import ISO7816
import Personalization
import Testing
import VirtualCard

/// A reader that takes shorter commands than the card gets a plan of its own, and runs no other.
@Suite struct LargestBlockTests {
    private let factory: CardFactory
    private let image: CardImage
    private let values: [String: String]

    /// A photo of 4,096 bytes; the longest record of national-2.0 is 43, 职业资格: 6C bytes, with tag and length 110.
    init() throws {
        factory = try CardFactory()
        let photo = [0xFF, 0xD8, 0xFF] + (0..<4091).map { UInt8(truncatingIfNeeded: $0 &* 31) } + [0xFF, 0xD9]
        values = factory.person.merging(["photo": photo.hexadecimal]) { $1 }
        image = try PersonImageEncoder(layout: factory.compiled.layout).encode(values)
    }

    private func plan(_ readerTakes: Int?) throws -> CardPlan {
        try CardPlanner(factory.compiled, readerTakes: readerTakes).plan(for: image, pinLength: 3)
    }

    /// 4,096 = 17 × 239 + 33 with the profile's limit, 32 × 128 with a reader's.
    @Test(arguments: [(nil, 239, 18), (255, 239, 18), (239, 239, 18), (128, 128, 32), (110, 110, 38)])
    func theSmallerLimitCounts(readerTakes: Int?, block: Int, writes: Int) throws {
        let plan = try plan(readerTakes)
        #expect(plan.largestBlock == block)
        #expect(plan.longestCommandData == block)
        let photo = plan.steps.filter { $0.purpose == Purpose(.writeElement, "SSSE/EF08") }
        #expect(photo.count == writes)
        #expect(plan.commandCount == plan.minimum.total)
        #expect(try (plan.hash == self.plan(nil).hash) == (block == 239))
    }

    @Test func theCardIsTheSameInWhateverPiecesItWasWritten() throws {
        var images: [[UInt8]] = []
        for takes in [255, 128] {
            let card = try factory.blank()
            let workshop = try factory.workshop()
            defer { workshop.close() }
            try workshop.begin(plan(takes), on: NarrowChannel(VirtualCardChannel(card), takes), values: values)
            images.append(card.image)
        }
        #expect(images[0] == images[1])
    }

    @Test func aPlanOfLongerCommandsIsRefusedBeforeAnythingIsSent() throws {
        let card = try factory.blank()
        let before = card.image
        let workshop = try factory.workshop()
        defer { workshop.close() }
        let narrow = NarrowChannel(try VirtualCardChannel(card), 128)
        #expect(throws: PersonalizationError.readerTakesLess(needed: 239, takes: 128)) {
            try workshop.begin(plan(nil), on: narrow, values: values)
        }
        #expect(narrow.sent == 0)
        #expect(card.image == before)
    }

    /// The journal's plan is that of the first reader.
    @Test func aTornCardWaitsForAReaderThatTakesAsMuch() throws {
        let plan = try plan(255)
        let workshop = try factory.workshop()
        defer { workshop.close() }
        let card = try factory.blank()
        let torn = try FaultChannel(VirtualCardChannel(card), cutAt: plan.commandCount - 40, .beforeAnswer) {
            card.powerOff()
        }
        #expect(throws: PersonalizationError.self) { try workshop.begin(plan, on: torn, values: values) }
        #expect(throws: PersonalizationError.readerTakesLess(needed: 239, takes: 128)) {
            try workshop.resume(plan, on: NarrowChannel(VirtualCardChannel(card), 128))
        }
        try workshop.resume(plan, on: VirtualCardChannel(card))
        let whole = try factory.blank()
        let other = try factory.workshop()
        defer { other.close() }
        try other.begin(plan, on: VirtualCardChannel(whole), values: values)
        #expect(card.image == whole.image)
    }

    /// Records travel whole.
    @Test func aReaderThatTakesLessThanARecordMakesNoCard() throws {
        #expect(throws: Faults("plan.reader-takes-less", ["needed": "110", "takes": "109"])) { try plan(109) }
    }
}

/// A reader's limit, kept by the reader itself.
final class NarrowChannel: CardChannel {
    private let base: any CardChannel
    let largestCommandData: Int
    private(set) var sent = 0

    init(_ base: any CardChannel, _ largestCommandData: Int) {
        self.base = base
        self.largestCommandData = largestCommandData
    }

    var answerToReset: AnswerToReset { base.answerToReset }

    func transmit(_ command: CommandAPDU) throws(CardChannelError) -> ResponseAPDU {
        guard command.data.count <= largestCommandData else { throw .refused("\(command.data.count) bytes") }
        sent += 1
        return try base.transmit(command)
    }

    func reset() throws(CardChannelError) { try base.reset() }
}

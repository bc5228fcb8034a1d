import ByteText
import CardApplication
import CardData
import CardLayout
import ISO7816
import Lifecycle
import Personalization
import Registry
import Testing
import VirtualCard

@testable import Issuing

/// The holder's photo as the window reads it from the chip: with the environment's read key, and only where it is asked for.
@Suite struct ChipPhotoTests {
    /// An 8 × 8 picture of one grey, baseline, with the tables and the scan that a decoder asks for (ISO/IEC 10918-1 B.2).
    private static let jpeg: [UInt8] =
        [0xFF, 0xD8, 0xFF, 0xDB, 0x00, 0x43, 0x00] + [UInt8](repeating: 1, count: 64)
        + [0xFF, 0xC0, 0x00, 0x0B, 0x08, 0x00, 0x08, 0x00, 0x08, 0x01, 0x01, 0x11, 0x00]
        + [0xFF, 0xC4, 0x00, 0x14, 0x00, 0x01] + [UInt8](repeating: 0, count: 16)
        + [0xFF, 0xC4, 0x00, 0x14, 0x10, 0x01] + [UInt8](repeating: 0, count: 16)
        + [0xFF, 0xDA, 0x00, 0x08, 0x01, 0x01, 0x00, 0x00, 0x3F, 0x00, 0x3F, 0xFF, 0xD9]
    /// From marker to marker, as card.md §1.4 has it, and between them no picture.
    private static let rubbish: [UInt8] =
        [0xFF, 0xD8, 0xFF, 0xE0, 0x00, 0x10] + Array("JFIF invented".utf8) + [0xFF, 0xD9]

    private let counter: Counter

    init() throws { counter = try Counter() }

    private func card(photo: [UInt8]?, _ number: UInt8 = 1) throws -> (VirtualCard, RegisteredCard) {
        let card = try counter.blank(number)
        let made = try counter.issue(card, counter.row(photo.map { ["photo": $0.hexadecimal] } ?? [:]))
        return (card, try #require(try counter.registry.card(identificationCode: made.identificationCode)))
    }

    private func compare(
        _ card: (VirtualCard, RegisteredCard), hasKeys: Bool = true, readsPhoto: Bool = true,
        through channel: (any CardChannel)? = nil
    ) throws -> ChipComparison {
        try ChipDesk(
            registry: counter.registry, library: counter.preparation.library, today: counter.preparation.today,
            keys: hasKeys ? counter.preparation.keys : nil, journalFolder: counter.folder + "/journal",
            sealingKey: SealingKey.load(in: counter.folder + "/journal")
        ).comparison(of: channel ?? VirtualCardChannel(card.0), with: card.1, holder: nil, readsPhoto: readsPhoto)
    }

    @Test func thePhotoOnTheChipIsReadAsItWasWritten() throws {
        let card = try card(photo: Self.jpeg)
        let read = try compare(card)
        #expect(read.photo == .picture(try Picture(padded: Self.jpeg)))
        #expect(read.presentedKeys, "it opens to the read key alone")
        let unasked = try compare(card, readsPhoto: false)
        #expect(unasked.photo == .notRead && !unasked.presentedKeys)
        #expect(try compare(card, hasKeys: false).photo == .closed)
    }

    /// What cannot be shown is not called the same as on record.
    @Test func whatIsNoPictureIsToldAndNotCalledTheSame() throws {
        let read = try compare(card(photo: Self.rubbish))
        #expect(read.photo == .unreadable)
        #expect(!read.isSame)
    }

    /// 6281 beside the right bytes (cos-dialects §6.2).
    @Test func aPhotoThatTheCardWarnsOfIsNotShown() throws {
        let card = try card(photo: Self.jpeg)
        let chip = try VirtualCardChannel(card.0)
        let warning = AnsweringChannel(chip) { command in
            guard command.ins == 0xB0, let answer = try? chip.transmit(command), !answer.data.isEmpty else {
                return nil
            }
            return ResponseAPDU(data: answer.data, .dataMayBeCorrupted)
        }
        #expect(try compare(card, through: warning).photo == .damaged)
    }

    @Test func aCardWithoutAPhotoSaysSo() throws {
        #expect(try compare(card(photo: nil)).photo == .absent)
    }
}

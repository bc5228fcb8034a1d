import ByteText
import CardLayout
import ISO7816
import Testing
import VirtualCard

/// `80 E0 05 00` of T514 (cos-dialects §3.7): a blank takes its answer to reset, which counts from the next reset on.
@Suite struct AnswerToResetTests {
    private static let serial: [UInt8] = [0x99, 0x01, 0x00, 0x00, 0x00, 0x01]
    private static let old = "3B6D00000087BF10028649990100000001"

    private func send(_ card: VirtualCard, _ command: String) throws -> String {
        try card.respond(to: bytes(command)).hexadecimal
    }

    private func blank(_ settings: String = "") throws -> VirtualCard {
        let card = try VirtualCard(profile: TestProfile.variant(settings, of: "t514"), serialNumber: Self.serial)
        card.powerOn()
        return card
    }

    @Test func aBlankTakesItAndTheTransportCodeIsThatOfTheOldOne() throws {
        let card = try blank()
        #expect(try send(card, "80E005000D0087BF10028649990200000009") == "9000")
        #expect(card.answerToReset.hexadecimal == "3B6D00000087BF10028649990200000009")
        // E(FF…, 0000 9901 00000001), by openssl: the reader has seen no other answer yet.
        #expect(try send(card, "80E0030008C360090AD835F11E") == "9000")
        card.powerOn()
        #expect(try send(card, "80E0030008C360090AD835F11E") == "6982")
    }

    @Test func theWholeAnswerIsTakenWhereTheProfileHasIt() throws {
        let card = try blank("commands: {answer-to-reset: \"80 E0 05 00 | {answerToReset}\"}")
        #expect(try send(card, "80E00500113B6D00000087BF10028649990200000009") == "9000")
        #expect(card.answerToReset.hexadecimal == "3B6D00000087BF10028649990200000009")
    }

    @Test func anotherLengthIsRefused() throws {
        let card = try blank()
        let before = card.image
        #expect(try send(card, "80E005000C0087BF100286499902000000") == "6A80")
        #expect(try send(card, "80E0050000") == "6A80")
        #expect(card.image == before)
    }

    /// On a card with files only whoever may erase it.
    @Test func aCardInUseKeepsIts() throws {
        let card = try blank()
        #expect(try send(card, "80E0030008C360090AD835F11E") == "9000")
        #expect(try send(card, "80E0010010000000FF013F0001000100" + "00001E0000") == "9000")
        #expect(try send(card, "80E00100100000000030001EC3001E001800EF00FF") == "9000")
        card.powerOn()
        #expect(try send(card, "80E005000D0087BF10028649990200000009") == "6982")
        #expect(card.answerToReset.hexadecimal == Self.old)
    }

    /// A directory states no size (§3.7): what is made in it counts against the chip.
    @Test func aDirectoryWithoutASizeTakesWhatTheChipHas() throws {
        let card = try blank("memorySize: 1024")
        #expect(try send(card, "80E0030008C360090AD835F11E") == "9000")
        #expect(try send(card, "80E0010010000000FF013F000100010000001E0000") == "9000")
        #expect(try send(card, "80E0010015000000FF01DF01010000000000" + "1E00000102030405") == "9000")
        #expect(try send(card, "00A4000002DF01").hasPrefix("9000"))
        // 1024 less 11 (master file), 11 + 5 (directory) and 11 (file) are 986 = 3DA.
        #expect(try send(card, "80E00100100000" + "0003DB" + "EF05C400050000000000FF") == "6A84")
        #expect(try send(card, "80E00100100000" + "0003DA" + "EF05C400050000000000FF") == "9000")
        #expect(try send(card, "80E00100100000" + "000001" + "EF06C400060000000000FF") == "6A84")
    }
}

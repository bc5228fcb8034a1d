import ByteText
import CardCryptography
import CardLayout
import Foundation
import Testing
import VirtualCard

/// What a card keeps without power, in its file.
@Suite struct StateFileTests {
    /// A folder that is gone with the test.
    final class Folder {
        let path = FileManager.default.temporaryDirectory.path + "/card-" + UUID().uuidString
        var file: String { path + "/card.state" }

        init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        func content() throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: file))) }

        /// The memory alone, without the checksum behind it.
        func memory() throws -> [UInt8] { try content().dropLast(32) }

        func put(_ bytes: [UInt8], _ name: String = "card.state") throws {
            try Data(bytes).write(to: URL(fileURLWithPath: path + "/" + name))
        }
    }

    let folder: Folder

    init() throws { folder = try Folder() }

    func makeBlank() throws {
        try VirtualCard.makeBlank(
            profile: TestProfile.socialSecurity(), serialNumber: [0, 0, 0, 0, 0, 1], stateFile: folder.file)
    }

    func open(challenges: ChallengeSource = .seeded(1)) throws -> VirtualCard {
        try VirtualCard.open(stateFile: folder.file, challenges: challenges) { name in
            #expect(name == "fmcos-ssse")
            return try TestProfile.socialSecurity()
        }
    }

    func send(_ card: VirtualCard, _ commands: String...) throws {
        for command in commands { #expect(card.respond(to: try bytes(command)).hexadecimal == "9000", "\(command)") }
    }

    /// A card with everything a file can say: keys, counters, files of each kind written and not, record rights, two levels.
    func fill(_ card: VirtualCard) throws {
        try send(
            card, TestCard.masterFile, TestCard.keyFile, "80D401001539F0F0AA33" + TestCard.key,
            "80D40100073AF0EF01331234", "80E000010B2C0040F0F0FFFF07330811", "80E00002072A0304F0F0FFFF",
            "80E00003072E0302F0F0FFFF", "80E0000407280010F0F0FFFF", "80E0000507280010F0F0FFFF",
            "00E2000803010111", "00E2001004AABBCCDD", "00DC001B021111", "00DC001B022222", "00D684000155",
            "80E03F010D380400F0F0FFFFFF4144463031", "00A40000023F01", "80E03F020D380100F0F0FFFFFF4144463032",
            "00A40000023F02", "80E0000107280010F0F0FFFF", "00D681000155")
    }

    // MARK: - Slow cards

    @Test func aSlowCardStaysSlowWhateverIsWrittenToIt() throws {
        try makeBlank()
        #expect(try CardTiming(stateFile: folder.file) == nil)
        let slow = try #require(CardTiming(baudRate: 9_600, memoryWrite: .microseconds(16_500)))
        try slow.write(toStateFile: folder.file)
        // magic, 9600 and 16500 as numbers of four bytes, then the card
        #expect(try Array(folder.content().prefix(16)) == bytes("53535654 00002580 00004074 53535643"))
        let card = try open()
        try fill(card)
        card.powerOff()
        #expect(try CardTiming(stateFile: folder.file) == slow)
        #expect(try open().image == card.image)
        let fast = try #require(CardTiming(baudRate: 115_200))
        try fast.write(toStateFile: folder.file)
        #expect(try CardTiming(stateFile: folder.file) == fast)
        #expect(try open().image == card.image)
    }

    /// A line that carries nothing, and a file that ends within its timing.
    @Test(arguments: ["53535654 00000000 00004074", "53535654 00002580 0000"])
    func aTimingThatIsNoneIsNoStateFile(head: String) throws {
        try makeBlank()
        let card = try folder.content()
        try folder.put(bytes(head) + (head.count == 26 ? card : []))
        #expect(try CardTiming(stateFile: folder.file) == nil)
        #expect(throws: StateFileError.notAStateFile) { try open() }
    }

    // MARK: - Keeping

    @Test func aCardSurvivesReopeningByteForByte() throws {
        try makeBlank()
        let card = try open()
        try fill(card)
        card.powerOff()
        let content = try folder.memory()
        #expect(content == card.image)
        let again = try open()
        #expect(again.image == content)
        #expect(again.answerToReset == card.answerToReset)
        #expect(again.respond(to: try bytes("00B2011C02")).hexadecimal == "22229000")
        // a file that was never written, and a record right
        let unwritten = String(repeating: "FF", count: 16) + "6281"
        #expect(again.respond(to: try bytes("00B0850010")).hexadecimal == unwritten)
        try send(again, "00E2000803070177")
        #expect(again.respond(to: try bytes("00B2070803")).hexadecimal == "6982")
        try send(again, "00A40000023F01", "00A40000023F02")
        #expect(again.respond(to: try bytes("00B0810001")).hexadecimal == "559000")
    }

    @Test func aBlankEndsItsAnswerToResetWithTheSerialNumber() throws {
        try makeBlank()
        #expect(try open().answerToReset.hexadecimal == "3B6D000000904653318649000000000001")
        #expect(throws: StateFileError.serialNumber) {
            try VirtualCard(profile: TestProfile.socialSecurity(), serialNumber: [1, 2, 3])
        }
    }

    /// The file has the change before the card answers: a card pulled at that moment gives no free try (cos-dialects §11, 1).
    @Test func aFailedTryIsKeptThoughTheCardIsPulledAtOnce() throws {
        try makeBlank()
        let card = try open()
        try send(card, TestCard.masterFile, TestCard.keyFile, "80D40100073AF0EF01331234")
        #expect(card.respond(to: try bytes("00200000020000")).hexadecimal == "63C2")
        // the card is not powered off: its file is opened as another program would find it
        let again = try open()
        #expect(again.respond(to: try bytes("00200000020000")).hexadecimal == "63C1")
        let third = try open()
        #expect(third.respond(to: try bytes("00200000020000")).hexadecimal == "63C0")
        #expect(try open().respond(to: try bytes("00200000021234")).hexadecimal == "6983")
    }

    @Test func aFailedAuthenticationIsKeptThoughTheCardIsPulledAtOnce() throws {
        try makeBlank()
        let challenge = try bytes(ExternalAuthenticationTests.newer)
        let card = try open(challenges: .fixed([challenge]))
        try send(card, TestCard.masterFile, TestCard.keyFile, "80D401011539F0F00522" + TestCard.key)
        _ = card.respond(to: try bytes("0084000008"))
        #expect(card.respond(to: try bytes("00820001080000000000000000")).hexadecimal == "63C1")
        let again = try open(challenges: .fixed([challenge, challenge]))
        _ = again.respond(to: try bytes("0084000008"))
        #expect(again.respond(to: try bytes("00820001080000000000000000")).hexadecimal == "63C0")
        _ = again.respond(to: try bytes("0084000008"))
        #expect(again.respond(to: try bytes(ExternalAuthenticationTests.plain)).hexadecimal == "6983")
    }

    @Test func whatCannotBeStoredIsNotConfirmed() throws {
        try makeBlank()
        let card = try open()
        try send(card, TestCard.masterFile)
        try FileManager.default.removeItem(atPath: folder.path)
        #expect(card.respond(to: try bytes("80E0000107280010F0F0FFFF")).hexadecimal == "6581")
        #expect(card.respond(to: try bytes("00A4000000")).hexadecimal == "6C17")
    }

    /// All or nothing (cos-dialects §11, 9): what could not be stored is not in the card's memory either, and the session goes
    /// on where it stood.
    @Test(arguments: [
        "80E0000907280010F0F0FFFF", "00D684000177", "00E2000803020122", "00DC001B023333", "00200000020000",
        "80D401011539F0F00533" + TestCard.key, "800E000000", "805E0100051234FF5678",
    ])
    func aChangeThatCannotBeStoredIsUndone(command: String) throws {
        try makeBlank()
        let card = try open()
        try fill(card)
        _ = card.respond(to: try bytes("00A40000023F00"))
        let before = card.image
        try FileManager.default.removeItem(atPath: folder.path)
        #expect(card.respond(to: try bytes(command)).hexadecimal == "6581")
        #expect(card.image == before)
        // the folder is back: the same command now changes the card, from the same place
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        let answer = card.respond(to: try bytes(command)).hexadecimal
        #expect(answer == "9000" || answer == "63C2", "\(answer)")
        #expect(card.image != before)
        #expect(try open().image == card.image)
    }

    @Test func onlyTheOwnerMayReadIt() throws {
        try makeBlank()
        let mode = try FileManager.default.attributesOfItem(atPath: folder.file)[.posixPermissions]
        #expect(mode as? Int == 0o600)
    }

    // MARK: - Never over a card

    @Test func aBlankIsNeverMadeOverAnything() throws {
        try makeBlank()
        let blank = try folder.content()
        // a card, a card of a newer program, a damaged card, no card at all
        for content in [blank, Array("SSVC".utf8) + [0x00, 0x02], Array(blank.dropLast()), Array("letter".utf8), []] {
            try folder.put(content)
            #expect(throws: StateFileError.existsAlready(folder.file)) { try makeBlank() }
            #expect(try folder.content() == content)
        }
    }
}

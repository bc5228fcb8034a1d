import ByteText
import CardApplication
import CardLayout
import ISO7816
import Testing

/// The commands of card.md §2.1 and the samples of cos-dialects §3 and §4, byte for byte.
@Suite struct CardCommandsTests {
    private let commands: CardCommands

    init() throws { commands = CardCommands(profile: try CardSite.profile()) }

    @Test func selecting() throws {
        // Select SSSE, select DF / EF
        #expect(
            try commands.select(name: bytes("7378312E73682EC9E7BBE1B1A3D5CF")).bytes.hexadecimal
                == "00A404000F7378312E73682EC9E7BBE1B1A3D5CF")
        #expect(try commands.select(identifier: 0xDF01).bytes.hexadecimal == "00A4000002DF01")
        #expect(try commands.select(identifier: 0xEF05).bytes.hexadecimal == "00A4000002EF05")
        #expect(try commands.selectMasterFile().bytes.hexadecimal == "00A40000023F00")
    }

    @Test func readingRecords() throws {
        let environment = (try CardSite.file("SSSE", "EF05"), try CardSite.file("SSSE", "EF06"))
        // by number: P2 2C for EF05, 34 for EF06
        #expect(commands.readRecord(1, of: environment.0, length: 0x12).bytes.hexadecimal == "00B2012C12")
        #expect(commands.readRecord(2, of: environment.1, length: 0).bytes.hexadecimal == "00B2023400")
        // by tag: P2 28 and 30; Le 12 for tag 01, 20 for 09
        #expect(commands.readRecord(tag: 0x01, of: environment.0, length: 0x12).bytes.hexadecimal == "00B2012812")
        #expect(commands.readRecord(tag: 0x09, of: environment.1, length: 0x20).bytes.hexadecimal == "00B2093020")
    }

    @Test func writingRecords() throws {
        let file = try CardSite.file("SSSE", "EF06")
        #expect(
            try commands.updateRecord(3, of: file, bytes("080131")).bytes.hexadecimal == "00DC033403080131")
        #expect(try commands.appendRecord(1, to: file, bytes("080131")).bytes.hexadecimal == "00E2003403080131")
        // Append to a cyclic file: low bits 011
        let log = try CardSite.file("DF04", "EF15")
        #expect(try commands.appendCyclic(to: log, bytes("010203")).bytes.hexadecimal == "00DC00AB03010203")
    }

    /// MCOS appends with the low bits 000 (cos-dialects §6.5); T514 has 00 D2 for all records, by number (§3.7, §9).
    @Test func otherCardsWriteRecordsInTheirOwnWay() throws {
        let file = try CardSite.file("SSSE", "EF06")
        let log = try CardSite.file("DF04", "EF15")
        let mcos = CardCommands(profile: try CardSite.profile("mcos"))
        #expect(try mcos.appendRecord(1, to: file, bytes("080131")).bytes.hexadecimal == "00E2003003080131")
        #expect(try mcos.updateRecord(3, of: file, bytes("080131")).bytes.hexadecimal == "00DC033403080131")
        let t514 = CardCommands(profile: try CardSite.profile("t514"))
        #expect(try t514.appendRecord(1, to: file, bytes("080131")).bytes.hexadecimal == "00D2013403080131")
        #expect(try t514.updateRecord(3, of: file, bytes("080131")).bytes.hexadecimal == "00D2033403080131")
        #expect(try t514.appendCyclic(to: log, bytes("010203")).bytes.hexadecimal == "00D200AB03010203")
        // what a row's template says is what goes
        let other = CardCommands(
            profile: try CardSite.variant("commands: {append-cyclic: \"00 E2 00 {fileReference} | {record}\"}"))
        #expect(try other.appendCyclic(to: log, bytes("010203")).bytes.hexadecimal == "00E200A803010203")
    }

    /// What adds a row is known again, under line protection too, so that a torn card does not get it twice.
    @Test(arguments: ["fmcos-ssse", "timecos", "t514", "mcos"]) func aRowIsKnownByItsCommand(profile: String) throws {
        let commands = CardCommands(profile: try CardSite.profile(profile))
        let (file, log) = (try CardSite.file("SSSE", "EF06"), try CardSite.file("DF04", "EF15"))
        let row = try commands.appendCyclic(to: log, bytes("010203"))
        #expect(commands.profile.addsRow(row))
        #expect(commands.profile.addsRow(CommandAPDU(row.cla | 0x04, row.ins, row.p1, row.p2)))
        #expect(try !commands.profile.addsRow(commands.updateRecord(1, of: file, bytes("080131"))))
        #expect(try !commands.profile.addsRow(commands.appendRecord(1, to: file, bytes("080131"))))
    }

    @Test func transparentFiles() throws {
        let photo = try CardSite.file("SSSE", "EF08")
        #expect(commands.readBinary(offset: 0, of: photo, length: 0x70).bytes.hexadecimal == "00B0880070")
        #expect(commands.readBinary(offset: 0xFF, of: photo, length: 0x70).bytes.hexadecimal == "00B088FF70")
        // `00 B0 hh ll Le`: the file has been selected
        #expect(commands.readBinary(offset: 0x0170, of: photo, length: 0x70).bytes.hexadecimal == "00B0017070")
        #expect(
            try commands.updateBinary(offset: 0x10, of: 0x08, [0xAA]).bytes.hexadecimal == "00D6881001AA")
        #expect(
            try commands.updateBinary(offset: 0x0FF0, of: 0x08, [0xAA]).bytes.hexadecimal == "00D60FF001AA")
    }

    @Test func challenges() {
        #expect(
            [4, 8, 16].map { commands.getChallenge($0).bytes.hexadecimal } == [
                "0084000004", "0084000008", "0084000010",
            ])
    }

    /// Only the published value travels in plain; later updates of the record must be protected (type F9).
    @Test func theTransportKeyIsTheOnlyPlainOne() throws {
        let master = try #require(commands.profile.directories["SSSE"]?.masterKey)
        #expect(
            try commands.profile.transportKeyLoading(of: master)?.bytes.hexadecimal
                == "80D401001539F0FF0F88" + String(repeating: "FF", count: 16))
    }

    @Test func whatDoesNotFitAShortCommandIsRefused() {
        #expect(throws: CommandAPDU.Malformed.dataTooLong(256)) {
            try commands.updateBinary(offset: 0, of: 1, [UInt8](repeating: 0, count: 256))
        }
    }
}

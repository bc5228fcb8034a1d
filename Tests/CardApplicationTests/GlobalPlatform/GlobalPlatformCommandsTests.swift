import ByteText
import ISO7816
import Testing

@testable import CardApplication

@Suite struct GlobalPlatformCommandsTests {
    private let loadFile: [UInt8] = [0xA0, 0x00, 0x00, 0x03, 0x33, 0x01]
    private let module: [UInt8] = [0xA0, 0x00, 0x00, 0x03, 0x33, 0x01, 0x01]

    /// The command that two card makers' scripts for PBOC cards hold (cos-dialects §10.4).
    @Test func installIsWrittenAsPublishedScriptsHaveIt() throws {
        let command = try GlobalPlatformCommands.installAndMakeSelectable(
            loadFile: loadFile, module: module, instance: module, privileges: [0x10], parameters: [0xC9, 0x00])
        #expect(
            command.bytes.hexadecimal
                == "80E60C001D06A0000003330107A000000333010107A0000003330101011002C9000000")
    }

    @Test func deleteNamesTheInstance() throws {
        #expect(
            try GlobalPlatformCommands.delete(module).bytes.hexadecimal == "80E40000094F07A000000333010100")
    }

    @Test func loadBlocksAreCountedAndTheLastIsMarked() throws {
        let commands = try GlobalPlatformCommands.load([UInt8](repeating: 0xAA, count: 300), blockLength: 128)
        #expect(commands.map { $0.header.hexadecimal } == ["80E80000", "80E80001", "80E88002"])
        #expect(commands[0].data.prefix(4).hexadecimal == "C482012C")
        #expect(commands.reduce(0) { $0 + $1.data.count } == 304)
        #expect(throws: GlobalPlatformError.self) {
            try GlobalPlatformCommands.load([UInt8](repeating: 0, count: 40_000), blockLength: 128)
        }
    }

    @Test(arguments: [(0, "0101 00"), (1, "0101 01"), (254, "0101 FE"), (255, "0101 FF00FF"), (300, "0101 FF012C")])
    func aGroupingsLengthHasOneByteOrThree(count: Int, head: String) throws {
        let grouping = try #require(DataGrouping(0x0101, [UInt8](repeating: 0x5A, count: count)))
        let expected = try bytes(head) + [UInt8](repeating: 0x5A, count: count)
        #expect(grouping.bytes == expected)
        #expect(DataGrouping(0x0101, [UInt8](repeating: 0, count: 65_536)) == nil)
    }
}

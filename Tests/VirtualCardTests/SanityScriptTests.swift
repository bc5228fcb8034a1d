import ByteText
import CardLayout
import Foundation
import ISO7816
import Testing
import VirtualCard

/// The sanity script of the FMCOS manual's sample, cut short (published sample; reference cos-dialects §14.5).
@Suite struct SanityScriptTests {
    private let card: VirtualCard

    init() throws {
        card = try VirtualCard(
            profile: TestProfile.variant("transport: direct"), serialNumber: [0x99, 0x01, 0x00, 0x00, 0x00, 0x01],
            challenges: .seeded(1))
        card.powerOn()
    }

    private func send(_ text: String) throws -> [UInt8] {
        card.respond(to: try #require([UInt8](hexadecimal: text)))
    }

    @Test func theManualsSampleAnswers9000Throughout() throws {
        let script = [
            "800E000000", "80E03F000D38FFFFF0F001FFFFFFFFFFFFFF", "80E00000073F005001F0FFFF",
            "80D401000D36F0F0FF33FFFFFFFFFFFFFFFF",
            "80D401001539F0F0AA33FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", "80E00001072A0213F000FFFF",
            "00E200081361114F09A00000000386980701500450424F43",
            "80E03F011138036FF0F095FFFFA00000000386980701",
        ]
        for command in script { #expect(try send(command).hexadecimal == "9000", "\(command)") }
        #expect(try send("00A4040009A00000000386980701").hexadecimal == "6F0B8409A000000003869807019000")
        for command in [
            "80E00000073F018F95F0FFFF",
            "80D401001536F002FF3336363636363636363636363636363636",
            "80D401001539F0024433" + String(repeating: "39", count: 16),
        ] {
            #expect(try send(command).hexadecimal == "9000", "\(command)")
        }
        #expect(
            try send("00A40000023F00").hexadecimal == "6F15840E315041592E5359532E4444463031A5038801019000")
    }

    @Test func unknownInstructionsAndClassesAreToldApart() throws {
        #expect(try send("00FF0000").hexadecimal == "6D00")
        #expect(try send("10A40000").hexadecimal == "6E00")
        #expect(try send("0084000005").hexadecimal == "6700")
    }
}

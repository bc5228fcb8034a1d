import ByteText
import CardApplication
import CardData
import CardLayout
import Foundation
import ISO7816
import Personalization
import Testing
import VirtualCard

/// What the trace of a finished card holds, and what it can be read from.
extension CardInspectionTests {
    @Test(arguments: ["fmcos-ssse", "timecos", "t514", "fmcos", "mcos"].map { "national-2.0@\($0)" })
    func noTraceOfAPersonalisationHoldsASecret(layout: String) throws {
        // Everything that goes to the card is recorded beside the trace; what is secret of it is known by the card's own standards.
        let factory = try CardFactory(layout: layout)
        let workshop = try factory.workshop()
        defer { workshop.close() }
        let wire = try RelayChannel(VirtualCardChannel(factory.blank()))
        let channel = TracingChannel(wire, personalData: .shown)
        let screen = TracingChannel(channel)
        try workshop.begin(factory.plan(), on: screen, values: factory.person)
        let isSecret: (CommandAPDU) -> Bool = { command in
            [0x20, 0x82, 0xD4].contains(command.ins) || (command.ins == 0xE0 && command.p1 == 0x03)
        }
        let secrets = wire.sent.filter(isSecret).map(\.data)
        #expect(secrets.count > 60)
        #expect(wire.sent.contains { $0.ins == 0xE0 && $0.p1 == 0x03 } == (factory.compiled.profile.family == .t514))
        let texts = [channel.file.text, screen.trace.description, channel.trace.description]
        for text in texts {
            for secret in secrets where secret != [0x92, 0x58, 0x14] {
                #expect(!text.contains(secret.hexadecimal))
                // A filler of one byte stands in many files.
                let key = secret.dropLast(4).suffix(16)
                #expect(Set(key).count < 4 || !text.contains(key.hexadecimal))
            }
            #expect(!text.contains("925814"), "the PIN")
        }
        #expect(channel.file.text.contains("990165200802116857".utf8.hexadecimal), "the search finds what is shown")
        #expect(!screen.trace.description.contains("990165200802116857".utf8.hexadecimal))
    }

    @Test func aRecordedReadingIsPlayedWithoutACard() throws {
        let finished = try Finished()
        let recording = try TracingChannel(VirtualCardChannel(finished.card), personalData: .shown)
        let compiled = finished.factory.compiled
        func read(_ channel: any CardChannel) throws -> [FileReading] {
            try CardReader(finished.factory.conversation(channel), compiled, presentsKeys: true, pinLength: 3).read()
        }
        let recorded = try read(recording)
        let file = try CardTraceFile(text: recording.file.text)
        let replay = ReplayChannel(file)
        #expect(try read(replay) == recorded)
        #expect(replay.remainingCount == 0)
    }
}

import ByteText
import CardData
import CardLayout
import Foundation
import ISO7816
import Testing

/// How a profile states identity, PIN commands, counter query and unwritten records.
@Suite struct CardBehaviourTests {
    private func profile(_ settings: String) throws -> COSProfile {
        let scratch = try ScratchFolder()
        let base = try String(contentsOfFile: Home.path + "/CardLayouts/profiles/fmcos-ssse.yaml", encoding: .utf8)
        _ = try scratch.write(base, to: "fmcos-ssse.yaml")
        return try COSProfileReader.read(
            scratch.write("name: variant\nextends: fmcos-ssse\n\(settings)\n", to: "variant.yaml"))
    }

    @Test func theSettingsOfTheProfilesThatAreThere() throws {
        let own = try Home.library.profile(named: "fmcos-ssse")
        #expect(own.identity == .standard && !own.hasFreeCounterQuery && own.unwrittenRecord == .notFound)
        #expect(
            own.pinCommands
                == PINCommandRules(change: .changePin, reset: .pinUnblock, resetParameters: [0, 1], unblock: .macOnly))
        #expect(try Home.library.profile(named: "timecos").pinCommands.unblock == .none)
        #expect(own.pinCommands.key == .pinUnblock)
        #expect(
            try Home.library.profile(named: "t514").pinCommands
                == PINCommandRules(
                    change: .changePin, reset: .pinUnblock, resetParameters: [0, 1], unblock: .macOnly,
                    key: .maintenance))
    }

    @Test(arguments: [
        ("historical-bytes", "00904653318649990100000001"), ("{offset: 5, count: 8}", "8649990100000001"),
        ("answer-to-reset", "3B6D000000904653318649990100000001"),
    ]) func theBytesThatTellOneChipFromAnother(setting: String, identity: String) throws {
        let profile = try profile("identity: \(setting)")
        let answer = try AnswerToReset(bytes: profile.answerToResetPrefix + [0x99, 0x01, 0, 0, 0, 1])
        #expect(profile.identity.bytes(of: answer)?.hexadecimal == identity)
    }

    @Test func otherValuesAreTold() throws {
        for (setting, code) in [
            ("identity: serial", "layout.unknown-choice"), ("identity: {offset: 15, count: 1}", "layout.out-of-range"),
            ("identity: {offset: 9, count: 8}", "layout.out-of-range"),
            ("freeCounterQuery: perhaps", "data-file.not-boolean"), ("largestAnswerData: 257", "layout.out-of-range"),
            ("pinCommands: {change: maybe}", "layout.unknown-choice"),
            ("pinCommands: {resetParameters: 01}", "data-file.not-hexadecimal"),
            ("pinCommands: {key: load}", "layout.unknown-choice"),
            ("commands: {append-cyclic: none}", "layout.command-template"),
            (
                "commands: {append-cyclic: \"00 DC {recordNumber} {ringReference} | {record}\"}",
                "layout.command-template"
            ),
            ("pinCommands: {sing: true}", "data-file.unknown-key"), ("unwrittenRecord: zero", "layout.unknown-choice"),
        ] {
            let found = Home.faults { _ = try profile(setting) }.map(\.code.rawValue)
            #expect(found.contains(code), "\(setting): \(found)")
        }
    }
}

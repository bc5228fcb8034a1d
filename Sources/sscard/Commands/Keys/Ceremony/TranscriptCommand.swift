import ArgumentParser
import CardData
import IssuerKeys

/// `sscard keys transcript`: what an auditor does, offline and without any secret.
struct TranscriptCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transcript", abstract: "仪式记录 Check the signed transcript of a key ceremony.",
        discussion: "例 Example: sscard keys transcript verify transcript.json --roster roster.json",
        subcommands: [Verify.self])

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "核验记录 Verify a transcript, or the report of a drill, to the last byte: 0 valid, 1 altered, 2 another file.",
            discussion: "例 Example: sscard keys transcript verify transcript.json --roster roster.json")
        @Argument(help: "仪式记录文件 The transcript.") var transcript: String
        @Option(help: "名册 The roster its signatures are held against.") var roster: String?
        @Flag(help: "输出 JSON.") var json = false

        private struct Report: Encodable {
            let isValid = true
            let isRosterChecked: Bool
            let ceremony: CeremonyCommand.Report
        }

        func run() throws {
            let bytes = try DurableFile.readBytes(transcript)
            let roster = try roster.map { try CustodianRoster.read($0) }
            switch SignedPaper(bytes) {
            case .drill:
                try DrillCommand.say(RecoveryDrill.verify(bytes, roster: roster), json: json)
            case .transcript:
                let verified = try CeremonyTranscript.verify(bytes, roster: roster)
                if json {
                    return try Terminal.say(
                        json: Report(isRosterChecked: roster != nil, ceremony: .init(verified.record)))
                }
                try CeremonyCommand.say(verified.record, json: false)
                Terminal.say("仪式记录有效，签名齐全。 The transcript is valid and signed by all.")
            case nil: throw Faults("transcript.other-file", ["file": transcript])
            }
            tellWithoutRoster(roster)
        }

        private func tellWithoutRoster(_ roster: CustodianRoster?) {
            guard roster == nil, !json else { return }
            Terminal.tell(
                "未核对名册：只证明签名出自文件中所列的公钥。 No roster given: the signatures are those of the keys in the file itself.")
        }
    }
}

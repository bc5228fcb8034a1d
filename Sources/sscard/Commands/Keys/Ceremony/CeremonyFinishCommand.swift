import ArgumentParser
import CardData
import Foundation
import IssuerKeys

extension CeremonyCommand {
    /// All custodians together at the terminal.
    struct Finish: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "合成密钥 Open all components together, make the sealed key set and sign the transcript.",
            discussion: """
                例 Example: sscard keys ceremony finish --state c.json --custodian-key 1001.key --custodian-key 1002.key \
                --store province --transcript transcript.json
                """)
        @OptionGroup var site: SiteOptions
        @Option(help: "状态文件 The ceremony's state file.") var state: String
        @OptionGroup var custodians: CustodianOptions
        @OptionGroup var place: KeySetPlace
        @Option(help: "仪式记录文件 File for the signed transcript.") var transcript: String
        @Flag(help: "输出 JSON.") var json = false

        func run() throws {
            let hierarchy = try site.hierarchy()
            var ceremony = try KeyCeremony.read(state)
            try place.checkFree()
            guard !FileManager.default.fileExists(atPath: transcript) else {
                throw Faults("record.exists", ["path": transcript])
            }
            let (set, minutes) = try ceremony.finish(custodians.keys(), hierarchy: hierarchy, time: .now)
            try place.write(set)
            do {
                try DurableFile.create(minutes.fileText, at: transcript)
            } catch {
                // without its transcript the key set is worth nothing; the components are still in the state file
                place.remove()
                throw error
            }
            try DurableFile.replace(ceremony.stateText, at: state)
            try CeremonyCommand.say(ceremony.record, json: json)
        }
    }
}

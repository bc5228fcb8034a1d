import ArgumentParser
import ByteText
import IssuerKeys

extension KeysCommand {
    /// `sscard keys list`: every key of the hierarchy.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "列出密钥 List every key of the hierarchy.", discussion: "例 Example: sscard keys list")
        @OptionGroup var site: SiteOptions
        @Flag(help: "输出 JSON.") var json = false

        private struct Row: Encodable {
            let name: String
            let group: String
            let title: String
            let moduleAddress: String?
            let terminalClass: String?
            let terminalIdentifier: String?
        }

        func run() throws {
            let hierarchy = try site.hierarchy()
            if json {
                return try Terminal.say(
                    json: hierarchy.keys.map { key in
                        Row(
                            name: key.name.rawValue, group: key.group.rawValue, title: key.title,
                            moduleAddress: key.moduleAddress?.hexadecimal,
                            terminalClass: key.terminalKey?.keyClass.hexadecimal,
                            terminalIdentifier: key.terminalKey?.identifier.hexadecimal)
                    })
            }
            var table = Table("密钥 Key", "组 Group", "加密机 HSM", "PSAM", "名称 Title")
            for key in hierarchy.keys {
                let terminal = key.terminalKey.map { "\($0.keyClass.hexadecimal)/\($0.identifier.hexadecimal)" }
                table.add(
                    key.name.rawValue, key.group.rawValue, key.moduleAddress?.hexadecimal ?? "", terminal ?? "",
                    key.title)
            }
            Terminal.say(table.text)
        }
    }
}

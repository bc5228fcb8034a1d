import ArgumentParser
import IssuerKeys

extension KeysCommand {
    /// `sscard keys lint`: every fault of a hierarchy file with its line.
    struct Lint: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "检查密钥体系 Check a hierarchy file; every fault with file, line and column.",
            discussion: "例 Example: sscard keys lint Keys/hierarchy.yaml")
        @OptionGroup var site: SiteOptions
        @Argument(help: "密钥体系文件 The file; HOME/Keys/hierarchy.yaml when none is named.") var file: String?
        @Flag(help: "输出 JSON.") var json = false

        private struct Report: Encodable {
            let file: String
            let keys: Int
            let liveVersions: String
        }

        func run() throws {
            let path = try file ?? site.homeFolder() + "/Keys/hierarchy.yaml"
            let hierarchy = try KeyHierarchy.read(path)
            let live = hierarchy.liveVersions.description
            if json {
                return try Terminal.say(json: Report(file: path, keys: hierarchy.keys.count, liveVersions: live))
            }
            Terminal.say("\(path): \(hierarchy.keys.count) 个密钥，启用版本 \(live) · keys, live versions")
        }
    }
}

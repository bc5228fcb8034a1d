import ArgumentParser
import CardData
import IssuerKeys
import Lifecycle

extension KeysCommand {
    /// `sscard keys receive`: checks a set that was handed down and seals it under the own passphrase.
    struct Receive: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "接收密钥 Check a key set that was handed down, and seal it under one's own passphrase.",
            discussion: """
                核对：根校验值、层级、地区，以及每个密钥的分散因子、奇偶规则和校验值。
                Checked are the root, level and area, and of every key its factors, parity rule and check values.

                例 Example:
                  sscard keys receive --from city --root enc-zero:7DD73FF6F8 --area 990100 --store own
                """)
        @OptionGroup var site: SiteOptions
        @Option(help: "来源目录 Folder of the set that was handed down.") var from: String
        @Option(help: "下发口令来源 Where the passphrase it was sealed with comes from: ask or fd:N.")
        var handedPassphrase = SecretSource.ask
        @Option(help: "根校验值 The root's check value, as the level above told it.") var root: String
        @Option(help: "层级 The own level: province or city.") var level = "city"
        @Option(help: "地区 The own area; that of the policy when none is named.") var area: String?
        @OptionGroup var place: KeySetPlace
        @Flag(help: "输出 JSON.") var json = false

        private struct Report: Encodable {
            let name: String
            let level: String
            let area: String
            let root: String
            let keyCount: Int
            let derivations: Int
            let lineageDigest: String
        }

        func run() throws {
            guard let expected = KeyCheckValue(root) else { throw Faults("forbidden-roots.value", ["value": root]) }
            let site = try Site(site)
            let hierarchy = try site.hierarchy()
            try place.checkFree()
            let handed = try SealedKeyStore.open(
                directory: from, passphrase: handedPassphrase.passphrase(of: from), mode: site.storeMode(hierarchy))
            let area = area ?? site.policy.area
            guard handed.root == expected, handed.level.rawValue == level, handed.area == area else {
                throw Faults(
                    "keys.handed-down-other",
                    [
                        "name": handed.name, "level": handed.level.rawValue, "area": handed.area,
                        "root": "\(handed.root)",
                    ])
            }
            guard !handed.lineage.isEmpty else { throw Faults("keys.no-lineage", ["name": handed.name]) }
            try handed.checkLineage(hierarchy: hierarchy)
            try place.write(handed)
            let digest = try handed.lineageDigest()
            if json {
                return try Terminal.say(
                    json: Report(
                        name: handed.name, level: level, area: area, root: handed.root.description,
                        keyCount: handed.identities.count, derivations: handed.lineage.count, lineageDigest: digest))
            }
            Terminal.say(
                "已核对并接收 Checked and taken: \(handed.name) · \(level) \(area) · \(handed.identities.count) 个密钥 keys · "
                    + "\(handed.lineage.count) 次分散 derivations · SM3 \(digest)")
        }
    }
}

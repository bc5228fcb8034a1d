import ArgumentParser
import CardData
import IssuerKeys
import Lifecycle

extension KeysCommand {
    /// `sscard keys receive`: checks the envelope of a set that was handed down and seals the set under the own passphrase.
    struct Receive: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "接收密钥 Check an envelope that was handed down, and seal its keys under one's own passphrase.",
            discussion: """
                核对：上级两名保管人的签名、根校验值、层级、地区，以及每个密钥的分散因子、奇偶规则和校验值。
                Checked are the signatures of two custodians of the level above, the root, level and area, and of every key its
                factors, parity rule and check values.

                例 Example: sscard keys receive city.envelope --senders roster.json --custodian-key 2001.key \\
                    --root enc-zero:7DD73FF6F8 --area 990101 --store own
                """)
        @OptionGroup var site: SiteOptions
        @Argument(help: "信封文件 The envelope's file.") var envelope: String
        @Option(help: "上级名册 The roster of the level above, received by another way.") var senders: String
        @OptionGroup var custodians: CustodianOptions
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
            let signers: [UInt64]
        }

        func run() throws {
            guard let expected = KeyCheckValue(root) else { throw Faults("forbidden-roots.value", ["value": root]) }
            let site = try Site(site)
            let hierarchy = try site.hierarchy()
            try place.checkFree()
            let roster = try CustodianRoster.read(senders)
            let (handed, signers) = try KeyEnvelope.open(
                DurableFile.read(envelope), with: custodians.key(), from: roster, hierarchy: hierarchy,
                mode: site.storeMode(hierarchy))
            let area = area ?? site.policy.area
            guard handed.root == expected, handed.level.rawValue == level, handed.area == area else {
                throw Faults(
                    "keys.handed-down-other",
                    [
                        "name": handed.name, "level": handed.level.rawValue, "area": handed.area,
                        "root": "\(handed.root)",
                    ])
            }
            try place.write(handed)
            let digest = try handed.lineageDigest()
            if json {
                return try Terminal.say(
                    json: Report(
                        name: handed.name, level: level, area: area, root: handed.root.description,
                        keyCount: handed.identities.count, derivations: handed.lineage.count, lineageDigest: digest,
                        signers: signers.map(\.number)))
            }
            Terminal.say(
                "已核对并接收 Checked and taken: \(handed.name) · \(level) \(area) · \(handed.identities.count) 个密钥 keys · "
                    + "\(handed.lineage.count) 次分散 derivations · SM3 \(digest)")
        }
    }
}

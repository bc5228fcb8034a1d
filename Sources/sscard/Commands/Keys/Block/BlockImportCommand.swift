import ArgumentParser
import CardCryptography
import CardData
import IssuerKeys
import Lifecycle

/// `sscard keys block import`: keys of blocks into a sealed store.
struct BlockImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "导入密钥块 Put the keys of blocks into a sealed store, a new one or one that is there.",
        discussion: """
            全部密钥块都合规才写入；任何一个被拒绝则什么都不改。All blocks must hold, or nothing is written.

            例 Example: sscard keys block import stk.block irk.block --store own --name city-1 \\
                --protection-component ask --protection-component ask
            """)

    @OptionGroup var site: SiteOptions
    @Argument(help: "密钥块文件 The blocks' files.") var files: [String]
    @OptionGroup var place: KeySetPlace
    @Option(help: "新密钥库名称 The name of a new store.") var name = "imported"
    @Option(help: "新密钥库层级 The level of a new store: ministry, province or city.") var level = "city"
    @OptionGroup var protection: ProtectionKeyOptions
    @Flag(help: "输出 JSON.") var json = false

    private struct Report: Encodable {
        struct Key: Encodable {
            let name: String
            let algorithm: String
            let version: String
            let checkValue: String
            let exportability: String

            init(
                _ identity: KeySet.Identity, _ value: KeyCheckValue, _ flag: KeyBlockHeader.Exportability
            ) {
                name = identity.name.rawValue
                algorithm = identity.algorithm.description
                version = identity.version.description
                checkValue = value.description
                exportability = String(flag.rawValue)
            }
        }

        let store: String
        let keys: [Key]
    }

    func run() throws {
        let site = try Site(site)
        let hierarchy = try site.hierarchy()
        let mode = try site.storeMode(hierarchy)
        let transport = KeyTransport(hierarchy)
        let texts = try files.map { file in try BlockCommand.text(file) }
        guard let first = texts.first else { throw Faults("key-block.malformed", ["what": "length"]) }
        // one protection key for all of them: blocks of one delivery
        let protection = try protection.key(for: KeyBlock.header(of: first).version)
        var keys: [Report.Key] = []
        try place.change(
            mode: mode, new: { try newSet(first, transport, protection.bytes, area: site.policy.area) },
            { set in
                var faults = FaultCollector()
                for (file, text) in zip(files, texts) {
                    let added = faults.attempt(at: SourcePlace(file: file, line: 1)) { () throws(Faults) in
                        try transport.add(text, protection: protection.bytes, to: &set)
                    }
                    guard let added else { continue }
                    keys.append(Report.Key(added.identity, added.checkValue, set.exportability(of: added.identity)))
                }
                try faults.check()
            })
        if json { return try Terminal.say(json: Report(store: place.store, keys: keys)) }
        var table = Table("密钥 Key", "算法 Algorithm", "版本 Version", "校验值 KCV", "导出 Export")
        for key in keys { table.add(key.name, key.algorithm, key.version, key.checkValue, key.exportability) }
        Terminal.say(table.text)
    }

    /// A set without keys; the check value of its first key stands for its root.
    private func newSet(
        _ first: String, _ transport: KeyTransport, _ protection: borrowing SecretBytes, area: String
    ) throws(Faults) -> KeySet {
        guard let level = KeyLevel(rawValue: level), level != .card else {
            throw Faults("tool.unknown-word", ["word": level, "known": "ministry province city"])
        }
        let zeros = KeyCheckValue(method: .encryptedZeros, bytes: [0, 0, 0])
        let empty = try KeySet(name: name, level: level, area: area, root: zeros)
        let root = try transport.open(first, protection: protection, for: empty).checkValue
        return try KeySet(name: name, level: level, area: area, root: root)
    }
}

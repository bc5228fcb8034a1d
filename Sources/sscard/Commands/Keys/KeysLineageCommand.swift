import ArgumentParser
import ByteText
import CardData
import IssuerKeys
import Lifecycle

extension KeysCommand {
    /// `sscard keys lineage`: how a key comes down, step by step, without a key.
    struct Lineage: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "分散谱系 Show how a key comes down to a city or card: factor, parity and check values of each step.",
            discussion: """
                例 Examples:
                  sscard keys lineage --key STK --algorithm 03 --area 990100 --factor 9901000000000001
                  sscard keys lineage --key IRK --canonical
                """)
        @OptionGroup var site: SiteOptions
        @OptionGroup var choice: KeyChoice
        @Option(help: "地区 The city's area code; that of the policy when none is named.") var area: String?
        @Option(help: "卡分散因子 Card factor, 16 hexadecimal digits; without it the way ends at the city.") var factor:
            String?
        @Flag(help: "输出规范形式 Print the canonical bytes of each record.") var canonical = false
        @Flag(help: "输出 JSON.") var json = false

        fileprivate struct Record: Encodable {
            let key: String
            let algorithm: String
            let version: Int
            let level: String
            let factor: String
            let parity: String
            let parentCheckValue: String
            let childCheckValue: String
            let canonical: String
        }

        func run() throws {
            var cardFactor: [UInt8]?
            if let factor {
                guard let bytes = [UInt8](hexadecimal: factor), bytes.count == 8 else {
                    throw Faults("tool.card-factor", ["factor": factor])
                }
                cardFactor = bytes
            }
            let site = try Site(site)
            let hierarchy = try site.hierarchy()
            let key = try hierarchy.key(named: choice.name)
            let identity = KeySet.Identity(
                name: key.name, algorithm: try choice.chosenAlgorithm(), version: try choice.version(of: key))
            let set = try site.keySet(hierarchy)
            try set.checkLineage(hierarchy: hierarchy)
            let records = try set.lineage(
                of: identity, area: area ?? (set.level == .city ? set.area : site.policy.area), cardFactor: cardFactor,
                hierarchy: hierarchy)
            if json { return try Terminal.say(json: records.map { Record($0) }) }
            guard !records.isEmpty else {
                return Terminal.say("没有分散步骤 No derivation: the set is of this level and nothing is recorded above it.")
            }
            if canonical { return records.forEach { Terminal.say($0.description) } }
            var table = Table("层级 Level", "因子 Factor", "奇偶 Parity", "上级 Parent KCV", "下级 Child KCV")
            for record in records {
                table.add(
                    record.level.rawValue, record.factor.description, record.parity.rawValue,
                    record.parent.description, record.child.description)
            }
            Terminal.say("\(identity.name) \(identity.algorithm) 版本 version \(identity.version)")
            Terminal.say(table.text)
        }
    }
}

extension KeysCommand.Lineage.Record {
    fileprivate init(_ record: DerivationRecord) {
        self.init(
            key: record.key.rawValue, algorithm: record.algorithm.description, version: Int(record.version.number),
            level: record.level.rawValue, factor: record.factor.description, parity: record.parity.rawValue,
            parentCheckValue: record.parent.description, childCheckValue: record.child.description,
            canonical: record.description)
    }
}

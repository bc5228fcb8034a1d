import ArgumentParser
import ByteText
import CardLayout
import IssuerKeys

extension KeysCommand {
    /// `sscard keys tree`: the levels with their factors, and every key with its versions.
    struct Tree: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "密钥树 Show the levels with their factors, and every key with its versions.",
            discussion: "例 Example: sscard keys tree")
        @OptionGroup var site: SiteOptions
        @Flag(help: "输出 JSON.") var json = false

        private struct Report: Encodable {
            struct Level: Encodable {
                let level: String
                let factor: String?
                let cardFactors: [String: String]?
            }

            struct Key: Encodable {
                let name: String
                let group: String
                let title: String
                let algorithms: [String]
                let versions: [String: String]
            }

            let parity: String
            let levels: [Level]
            let keys: [Key]
        }

        func run() throws {
            let hierarchy = try site.hierarchy()
            let library = try site.library()
            var cardFactors: [String: String] = [:]
            for name in try library.profileNames {
                cardFactors[name] = try library.profile(named: name).cardFactor.rule
            }
            let levels =
                [Report.Level(level: KeyLevel.ministry.rawValue, factor: nil, cardFactors: nil)]
                + hierarchy.levels.map { level in
                    Report.Level(
                        level: level.level.rawValue, factor: level.rule.text,
                        cardFactors: level.rule == .card ? cardFactors : nil)
                }
            if json {
                return try Terminal.say(
                    json: Report(
                        parity: hierarchy.parity.rawValue, levels: levels,
                        keys: hierarchy.keys.map { key in
                            Report.Key(
                                name: key.name.rawValue, group: key.group.rawValue, title: key.title,
                                algorithms: key.algorithms.map(\.description).sorted(),
                                versions: Dictionary(
                                    key.versions.map { ($0.version.description, $0.stage.rawValue) },
                                    uniquingKeysWith: { first, _ in first }))
                        }))
            }
            say(levels, hierarchy)
        }

        private func say(_ levels: [Report.Level], _ hierarchy: KeyHierarchy) {
            let names = ["ministry": "部级", "province": "省级", "city": "市级", "card": "卡片"]
            for (depth, level) in levels.enumerated() {
                let branch = depth == 0 ? "" : String(repeating: "   ", count: depth - 1) + "└─ "
                let factor = level.factor.map { "  因子 factor: \($0)" } ?? ""
                Terminal.say("\(branch)\(names[level.level] ?? "") \(level.level)\(factor)")
            }
            let rules = levels.last?.cardFactors ?? [:]
            for (name, rule) in rules.sorted(by: { $0.key < $1.key }) { Terminal.say("            \(name): \(rule)") }
            Terminal.say("奇偶规则 Parity of derived DES keys: \(hierarchy.parity.rawValue)")
            var table = Table("密钥 Key", "组 Group", "算法 Algorithms", "版本 Versions", "名称 Title")
            for key in hierarchy.keys {
                table.add(
                    key.name.rawValue, key.group.rawValue,
                    key.algorithms.map(\.description).sorted().joined(separator: " "),
                    key.versions.map { "\($0.version) \($0.stage.rawValue)" }.joined(separator: ", "), key.title)
            }
            Terminal.say(table.text)
        }
    }
}

extension LevelFactor.Rule {
    /// What the factor is made of, in a few words.
    fileprivate var text: String {
        switch self {
        case .area(let digits, let suffix): "地区码前 \(digits) 位 area digits ‖ \(suffix.hexadecimal)"
        case .card: "卡片操作系统规定 by the card's profile"
        }
    }
}

extension COSProfile.CardFactorRule {
    /// `T6–TD` or `T8–TD ‖ 0000`: which historical bytes make the factor.
    fileprivate var rule: String {
        func place(_ index: Int) -> String { "T" + String(index + 1, radix: 16, uppercase: true) }
        let bytes = "\(place(offset))–\(place(offset + count - 1))"
        return suffix.isEmpty ? bytes : "\(bytes) ‖ \(suffix.hexadecimal)"
    }
}

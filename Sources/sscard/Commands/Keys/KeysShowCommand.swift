import ArgumentParser
import ByteText
import CardData
import IssuerKeys

extension KeysCommand {
    /// `sscard keys show`: one key with its versions, and the check values of those that the store holds.
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "密钥详情 Show one key: its versions, places, time, and check values of what the store holds.",
            discussion: "例 Example: sscard keys show IRK")
        @OptionGroup var site: SiteOptions
        @Argument(help: "密钥名称 The key's name.") var name: String
        @Flag(help: "输出 JSON.") var json = false

        private struct Report: Encodable {
            struct Version: Encodable {
                let version: Int
                let stage: String
                let since: String?
                let moduleAddress: String?
                let checkValues: [String: String]
            }

            let name: String
            let group: String
            let title: String
            let uses: [String]
            let periodDays: Int?
            let expiry: String?
            let terminalClass: String?
            let terminalIdentifier: String?
            let keySet: String
            let level: String
            let area: String
            let versions: [Version]
        }

        func run() throws {
            let site = try Site(site)
            let hierarchy = try site.hierarchy()
            let key = try hierarchy.key(named: name)
            let set = try site.keySet(hierarchy)
            let versions = try key.versions.map { version in
                var values: [String: String] = [:]
                for identity in set.identities where identity.name == key.name && identity.version == version.version {
                    values[identity.algorithm.description] = try set.checkValue(of: identity).description
                }
                return Report.Version(
                    version: Int(version.version.number), stage: version.stage.rawValue, since: version.since?.text,
                    moduleAddress: key.moduleAddress(of: version.version)?.hexadecimal, checkValues: values)
            }
            if json {
                return try Terminal.say(
                    json: Report(
                        name: key.name.rawValue, group: key.group.rawValue, title: key.title,
                        uses: key.uses.map(\.rawValue).sorted(), periodDays: key.period, expiry: key.expiry?.text,
                        terminalClass: key.terminalKey?.keyClass.hexadecimal,
                        terminalIdentifier: key.terminalKey?.identifier.hexadecimal, keySet: set.name,
                        level: set.level.rawValue, area: set.area, versions: versions))
            }
            Terminal.say("\(key.name)  \(key.title)  \(key.group.rawValue)")
            Terminal.say("用途 Uses: \(key.uses.map(\.rawValue).sorted().joined(separator: ", "))")
            if let place = key.terminalKey {
                Terminal.say("PSAM 用途/标识 class/id: \(place.keyClass.hexadecimal)/\(place.identifier.hexadecimal)")
            }
            if let expiry = key.expiry { Terminal.say("启用版本使用至 The live version makes cards until: \(expiry)") }
            Terminal.say("密钥库 Key set: \(set.name), \(set.level.rawValue) \(set.area)")
            var table = Table("版本 Version", "状态 Stage", "启用日期 Since", "加密机 HSM", "校验值 KCV")
            for version in versions {
                table.add(
                    String(version.version), version.stage, version.since ?? "", version.moduleAddress ?? "",
                    version.checkValues.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(
                        separator: "  "))
            }
            Terminal.say(table.text)
        }
    }
}

extension KeyHierarchy {
    /// The key of a name as people write it; throws `card-key.unknown` when there is none.
    func key(named name: String) throws(CardKeyError) -> Key {
        guard let key = self[KeyName(rawValue: name)] else { throw .unknownKey(KeyName(rawValue: name)) }
        return key
    }
}

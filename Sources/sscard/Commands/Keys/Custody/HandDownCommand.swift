import ArgumentParser
import ByteText
import CardData
import IssuerKeys

/// `sscard keys hand-down`: the own key set of a city or province, out of one above it; `receive` takes it there.
struct HandDownCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hand-down",
        abstract: "下发密钥 Make the key set of a city or province, which opens no other one's cards.",
        discussion: """
            收方以 sscard keys receive 核对并接收；根校验值另行告知。
            The receiver checks and takes it with sscard keys receive; tell the root's check value by another way.

            例 Example: sscard keys hand-down --keys province --keys-passphrase fd:3 --area 990100 --name city --store city
            """)
    @OptionGroup var site: SiteOptions
    @Option(help: "收方层级 The receiver's level: city or province.") var to = "city"
    @Option(help: "收方地区代码 The receiver's area, six digits.") var area: String
    @Option(help: "密钥库名称 What the receiver's key set will be called.") var name: String
    @OptionGroup var place: KeySetPlace
    @Flag(help: "输出 JSON.") var json = false

    private struct Report: Encodable {
        let name: String
        let area: String
        let root: String
        let keyCount: Int
        let checkList: String
        let level: String
        let derivations: Int
        let lineageDigest: String
    }

    func run() throws {
        guard let level = KeyLevel(rawValue: to), level == .city || level == .province else {
            throw Faults("tool.unknown-word", ["word": to, "known": "city province"])
        }
        let site = try Site(site)
        let hierarchy = try site.hierarchy()
        try place.checkFree()
        let set = try site.keySet(hierarchy).handedDown(
            to: level, area: area, name: name, hierarchy: hierarchy)
        let list = try KeySetCheckList(set)
        try place.write(set)
        if json {
            return try Terminal.say(
                json: Report(
                    name: set.name, area: set.area, root: set.root.description, keyCount: list.lines.count,
                    checkList: list.digest.hexadecimal, level: to, derivations: set.lineage.count,
                    lineageDigest: try set.lineageDigest()))
        }
        Terminal.say(
            "\(set.name) · \(set.area) · \(list.lines.count) 个密钥 keys · 校验表 check list \(list.digest.hexadecimal)")
    }
}

import ArgumentParser
import ByteText
import CardData
import IssuerKeys

/// `sscard keys hand-down`: a city's own key set, out of that of its province or the ministry.
struct HandDownCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hand-down", abstract: "下发密钥 Make the key set of a city, which opens no other city's cards.",
        discussion:
            "例 Example: sscard keys hand-down --keys province --keys-passphrase fd:3 --area 990100 --name city --store city"
    )
    @OptionGroup var site: SiteOptions
    @Option(help: "城市地区代码 The city's area, six digits.") var area: String
    @Option(help: "密钥库名称 What the city's key set will be called.") var name: String
    @OptionGroup var place: KeySetPlace
    @Flag(help: "输出 JSON.") var json = false

    private struct Report: Encodable {
        let name: String
        let area: String
        let root: String
        let keyCount: Int
        let checkList: String
    }

    func run() throws {
        let site = try Site(site)
        let hierarchy = try site.hierarchy()
        try place.checkFree()
        let set = try site.keySet(hierarchy).citySet(area: area, name: name, hierarchy: hierarchy)
        let list = try KeySetCheckList(set)
        try place.write(set)
        if json {
            return try Terminal.say(
                json: Report(
                    name: set.name, area: set.area, root: set.root.description, keyCount: list.lines.count,
                    checkList: list.digest.hexadecimal))
        }
        Terminal.say(
            "\(set.name) · \(set.area) · \(list.lines.count) 个密钥 keys · 校验表 check list \(list.digest.hexadecimal)")
    }
}

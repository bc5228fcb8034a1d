import ArgumentParser
import CardData
import IssuerKeys

/// `sscard keys token load`: a key set of the sealed store into a token.
struct TokenLoadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load", abstract: "装入密钥 Load the keys of the sealed store into a token, and compare them.",
        discussion: """
            例 Example: sscard keys token load --token city-990101 --area 990101 --purpose card-making

            card-making 制卡: card keys leave the token for the process that writes them into a card.
            authentication 联机认证: every card key stays inside; no card can be made with it.
            Only 3DES keys can be used in a token: PKCS#11 has no SM4.
            """)

    @OptionGroup var site: SiteOptions
    @OptionGroup var options: TokenOptions
    @Option(
        help: "用途 What the keys are for: card-making or authentication.",
        transform: { text in
            guard let purpose = TokenPurpose(rawValue: text) else {
                throw ValidationError(TokenPurpose.allCases.map(\.rawValue).joined(separator: ", "))
            }
            return purpose
        })
    var purpose: TokenPurpose
    @Option(help: "城市 Load the keys of this city, derived from a province's or ministry's set.") var area: String?
    @Flag(
        name: .customLong("keep-opaque"),
        help: "保存其他密钥 Keep SM4 and AES keys too, as opaque objects that nothing can use.")
    var keepsOpaque = false
    @Flag(help: "输出 JSON.") var json = false

    private struct Report: Encodable {
        let token: TokenReport
        let compared: Int
    }

    func run() throws {
        let site = try Site(site)
        let hierarchy = try site.hierarchy()
        var set = try site.keySet(hierarchy)
        if let area { set = try set.citySet(area: area, name: "\(set.name)-\(area)", hierarchy: hierarchy) }
        let token = try options.open()
        let loaded = try token.load(set, purpose: purpose, keepsOpaque: keepsOpaque) { index, count in
            Terminal.progress("装入 Loading \(index + 1)/\(count)")
        }
        Terminal.endProgress()
        // the token is asked for what it holds, by itself, and compared with the store
        let service = try TokenKeyService(token, hierarchy: hierarchy, policy: site.tokenPolicy())
        let software = try SoftwareKeyService(set, hierarchy: hierarchy)
        let differing = try service.keys(thatAre: false, thoseOf: software)
        guard differing.isEmpty else {
            throw Faults("token.differs", ["keys": differing.map(\.shortText).joined(separator: " ")])
        }
        let compared = try service.keys(thatAre: true, thoseOf: software).count
        let report = TokenReport(loaded)
        if json { return try Terminal.say(json: Report(token: report, compared: compared)) }
        try report.say(json: false)
        Terminal.say("已核对 Compared with the store: \(compared)")
        let left = set.identities.count { $0.algorithm != .tripleDES }
        if left > 0 && !keepsOpaque {
            Terminal.say(
                "未装入 Not loaded: \(left)，令牌只能使用 3DES a token uses 3DES keys only; their place is the sealed store")
        }
    }
}

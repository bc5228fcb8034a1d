import ArgumentParser
import CardData
import IssuerKeys

/// `sscard keys token probe`: what a token really refuses.
struct TokenProbeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe",
        abstract: "检验令牌 Try on a throw-away key what the token refuses; 0 when the policy is content.",
        discussion: "例 Example: sscard keys token probe --token city-990101")

    @OptionGroup var site: SiteOptions
    @OptionGroup var options: TokenOptions
    @Flag(help: "输出 JSON.") var json = false

    private struct Row: Encodable {
        let probe: String
        let outcome: String
        let policy: String
        let isAllowed: Bool
    }

    func run() throws {
        let policy = try Site(site).tokenPolicy()
        let outcomes = try options.open().probe()
        let rows = TokenProbe.allCases.map { probe in
            let (outcome, judgement) = (outcomes[probe] ?? .untried, policy.judgement(of: probe))
            return Row(
                probe: probe.rawValue, outcome: outcome.rawValue, policy: judgement.rawValue,
                isAllowed: outcome != .done || judgement == .tolerate)
        }
        if json {
            try Terminal.say(json: rows)
        } else {
            var table = Table("尝试 Trial", "结果 Outcome", "策略 Policy", "")
            for row in rows { table.add(row.probe, row.outcome, row.policy, row.isAllowed ? "✔" : "✘") }
            Terminal.say(table.text)
        }
        guard rows.allSatisfy(\.isAllowed) else { throw ExitVerdict(code: 1) }
    }
}

import ArgumentParser
import CardApplication
import CardCryptography
import CardData
import CardLayout
import ISO7816
import Issuing

/// `sscard card verify`: every rule of a layout, checked on a card without spending a try.
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "核对卡片与布局 Check every rule of a layout on a card, without spending a try.",
        discussion: """
            例 Examples:
              sscard card verify --layout national-2.0
              sscard card verify --layout national-2.0 --keys Keys/development --json

              sscard card verify --layout national-2.0 --keys Keys/development --write-rules

            退出码 Exit code: 0 nothing violated · 1 violated. 只读出，不写入；写权限列为未核对。Nothing is written, so write rules are listed as not probed. 加
            --write-rules 时，不出示任何密钥，把刚读出的字节原样写回，卡必须拒绝；循环文件和读不出的文件除外。With --write-rules the bytes just read are
            written back with nothing presented, which the card must refuse; rings and files that were not read are left out.
            只有用 --keys（或 SSCARD_KEYS）指明密钥库、且卡片通过内部认证时才出示读密钥。Read keys are presented only when --keys (or SSCARD_KEYS) names a
            store, and only when INTERNAL AUTHENTICATE has proved it to be this card's. 重放记录时不能 Not with --replay: a trace cannot
            answer new challenges.
            """)

    @OptionGroup var access: CardAccess
    @Flag(help: "核对写权限 Probe write rules: what was read is written back without a key, and must be refused.")
    var writeRules = false
    @Flag(help: "列出全部规则 List every rule, not only those that are violated.") var all = false
    @Flag(help: "输出 JSON.") var json = false

    func run() async throws {
        let site = try Site(access.site)
        // A trace answers the challenges that were recorded, and the proof draws new ones.
        guard access.replay == nil || access.site.keys == nil || access.withoutKeys else {
            throw Faults("card-verify.keys-with-replay")
        }
        let presentsKeys =
            !access.withoutKeys && access.replay == nil
            && (access.site.keys != nil || access.site.environment("SSCARD_KEYS") != nil)
        let keys = presentsKeys ? try site.acting(access.officers).keys(as: .auditor) : CardPreparation.absentKeys
        let pin = try access.pin?.presentedPIN()
        let findings = try await explaining { channel in
            let compiled = access.layoutOnRecord(
                of: channel, insteadOf: try site.card(named: access.layout, answering: channel.answerToReset.bytes),
                site)
            try access.tellOtherVersion(channel, compiled, site)
            let conversation = try access.conversation(
                ReadOnlyChannel(channel, allowsInitializeUpdate: true), compiled, site, keys, pin)
            let prober =
                writeRules ? try access.conversation(channel, compiled, site, CardPreparation.absentKeys, nil) : nil
            let verifier = CardVerifier(
                conversation, compiled, encoder: try site.library.entry(compiled.layout.name).encoder,
                presentsKeys: presentsKeys, pinLength: pin.map { ($0.count + 1) / 2 }, probingWritesWith: prober)
            return try conversation.explaining(of: compiled.layout) {
                let findings = try verifier.check { Terminal.progress($0) }
                return try findings + (channel.hasMoreToAsk ? verifier.checkForeignPlaces() : [])
            }
        }
        Terminal.endProgress()
        let report = VerificationReport(findings)
        if json { try Terminal.say(json: report) } else { print(report) }
        if !writeRules {
            Terminal.tell("没有核对写权限，要核对请加 --write-rules。 Write rules were not probed; --write-rules probes them.")
        }
        if report.violated > 0 { throw ExitVerdict(code: 1) }
    }

    /// Plays or reads the card; where a trace has no answer, that is told first which is most likely: it was recorded with keys.
    private func explaining<Value: Sendable>(_ body: @Sendable (any CardChannel) throws -> Value) async throws -> Value
    {
        do {
            return try await access.withCard(body)
        } catch let error as ReplayError {
            throw Faults([Fault("card-verify.replay-with-keys")] + error.faults)
                ?? Faults("card-verify.replay-with-keys")
        }
    }

    private func print(_ report: VerificationReport) {
        var table = Table("位置 Place", "规则 Rule", "结果 Result", "说明 Why")
        for finding in report.findings where all || finding.verdict == "violated" {
            let place = [finding.directory, finding.file, finding.element].compactMap { $0 }.joined(separator: "/")
            table.add(
                "\(place) \(finding.title)", finding.rule, "\(finding.verdictZh) \(finding.verdict)",
                finding.reasons.map { "\($0.chinese ?? $0.code) \($0.english ?? "")" }.joined(separator: " "))
        }
        if all || report.violated > 0 { Terminal.say(table.text) }
        if !all {
            let reasons = report.findings.filter { $0.verdict == "not-probed" }.flatMap(\.reasons)
            for (code, found) in Dictionary(grouping: reasons, by: \.code).sorted(by: { $0.key < $1.key }) {
                Terminal.say("未核对 not probed: \(found.count)  \(found[0].chinese ?? code) \(found[0].english ?? "")")
            }
        }
        Terminal.say("符合 ok \(report.ok)  违反 violated \(report.violated)  未核对 not probed \(report.notProbed)")
    }
}

/// A verification for programs.
private struct VerificationReport: Encodable {
    struct Reason: Encodable {
        let code: String
        let chinese: String?
        let english: String?
    }

    struct Finding: Encodable {
        let rule: String
        let directory: String?
        let file: String?
        let element: String?
        let title: String
        let verdict: String
        let reasons: [Reason]

        /// The verdict's Chinese word.
        var verdictZh: String { ["ok": "符合", "violated": "违反"][verdict] ?? "未核对" }
    }

    let ok: Int
    let violated: Int
    let notProbed: Int
    let findings: [Finding]

    init(_ found: [RuleFinding]) {
        findings = found.map(Finding.init)
        ok = findings.count { $0.verdict == "ok" }
        violated = findings.count { $0.verdict == "violated" }
        notProbed = findings.count { $0.verdict == "not-probed" }
    }
}

extension RuleFinding.Reason {
    fileprivate var chinese: String {
        switch self {
        case .wouldWrite: "只有写入才能核对，没有要求核对（--write-rules）"
        case .wouldAppend: "循环文件：写入会增加一条记录"
        case .openToAll: "布局允许任何人写，没有可核对的拒绝"
        case .protectedWrites: "写入须带保护，不带保护的写指令可能计入密钥的尝试次数"
        case .noKeys: "没有指明密钥库（--keys）"
        case .otherKeys: "密钥库不是这张卡的，不出示其密钥"
        case .notOpened: "没有出示能打开它的密码或密钥"
        case .neverWritten: "从未写过，没有内容"
        case .absent: "卡上没有"
        case .noKeyInProfile: "配置中没有内部认证密钥"
        case .ownAffair: "由卡上应用自行掌握，没有公开资料"
        }
    }

    fileprivate var english: String {
        switch self {
        case .wouldWrite: "only a write could tell, and none was asked for (--write-rules)"
        case .wouldAppend: "a ring: a write would add a row"
        case .openToAll: "everybody may write it, so that no refusal tells anything"
        case .protectedWrites: "writes are protected, and one without protection might count against the file's key"
        case .noKeys: "no key store was named (--keys)"
        case .otherKeys: "the key store is not this card's, and none of its keys is presented"
        case .notOpened: "no PIN or key was presented that opens it"
        case .neverWritten: "never written, so without content"
        case .absent: "not on the card"
        case .noKeyInProfile: "the profile has no key for internal authentication"
        case .ownAffair: "an affair of the card's application, of which nothing is public"
        }
    }
}

extension VerificationReport.Finding {
    fileprivate init(_ finding: RuleFinding) {
        rule = finding.rule.rawValue
        directory = finding.directory
        file = finding.file
        element = finding.element
        title = finding.title
        switch finding.verdict {
        case .ok:
            verdict = "ok"
            reasons = []
        case .notProbed(let reason):
            verdict = "not-probed"
            reasons = [
                VerificationReport.Reason(code: reason.rawValue, chinese: reason.chinese, english: reason.english)
            ]
        case .violated(let faults):
            verdict = "violated"
            let catalogue = MessageCatalogue.standard
            reasons = faults.map {
                VerificationReport.Reason(
                    code: $0.code.rawValue, chinese: catalogue.text(for: $0, language: .chinese).what,
                    english: catalogue.text(for: $0, language: .english).what)
            }
        }
    }
}

import ArgumentParser
import ByteText
import CardData
import CardLayout
import ISO7816
import Issuing
import Lifecycle
import Personalization
import Registry
import SmartCardReader

/// `sscard card state`: blank, torn at step k of n, issued, foreign, blocked or unknown.
struct CardStateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "state",
        abstract: "卡片状态 What the card in the reader is, how far it was made, for whom, and what to do next.",
        discussion: """
            例 Example: sscard card state --json

            不出示密钥和密码，不改动卡片。No key or PIN is presented and nothing is changed. Exit code 0 usable, 1 not, 3 cannot be told.
            """)

    @OptionGroup var site: SiteOptions
    @Option(help: "读卡器 Reader; the only one with a card when none is named.") var reader: String?
    @Option(help: "布局 Layout; by the card's answer to reset when none is named.") var layout: String?
    @Flag(help: "输出 JSON.") var json = false

    private struct Report: Encodable {
        struct Hindrance: Encodable {
            let code: String
            let zh: String
            let en: String
        }

        let state: String
        let card: String?
        let identificationCode: String?
        let isRegistered: Bool?
        let planHash: String?
        let step: Int?
        let steps: Int?
        let nextStep: String?
        let holder: String?
        let cardNumber: String?
        let layout: String?
        let hindrances: [Hindrance]
        let zh: String
        let en: String

        init(_ standing: CardStanding) {
            let torn = standing.torn
            state = standing.kind.rawValue
            card = standing.card?.text
            identificationCode = standing.identificationCode
            isRegistered = standing.isRegistered
            planHash = torn?.planHash.hexadecimal
            step = torn?.done
            steps = torn?.total
            nextStep = torn?.next.map { "\($0.text) \($0.kind.english)" }
            holder = torn?.holder
            cardNumber = torn?.number?.text
            layout = torn?.layoutName
            hindrances = (torn?.hindrances ?? []).map { fault in
                Hindrance(
                    code: fault.code.rawValue,
                    zh: MessageCatalogue.standard.text(for: fault, language: .chinese).what,
                    en: MessageCatalogue.standard.text(for: fault, language: .english).what)
            }
            zh = standing.chinese
            en = standing.english
        }
    }

    func run() async throws {
        let site = try Site(site)
        let journals = try self.site.dataFolder() + "/journal"
        let preparation = try site.preparation()
        let sealingKey = try SealingKey.load(in: journals)
        let reader = try SmartCardReader.attached(reader)
        let standing = try await reader.withCard { channel in
            let card = try? site.card(named: layout, answering: channel.answerToReset.bytes)
            return try CardInspection(
                preparation: preparation, journalFolder: journals, sealingKey: sealingKey
            ) { code in
                // A registry that another process has open has no answer here, and the card can be told without it.
                try (try? site.registry()).map { try $0.card(identificationCode: code) != nil }
            }.standing(of: channel, layoutName: card?.name)
        }
        let report = Report(standing)
        if json { try Terminal.say(json: report) } else { say(report) }
        if standing.exitCode != 0 { throw ExitVerdict(code: standing.exitCode) }
    }

    private func say(_ report: Report) {
        var table = Table("项目 Item", "值 Value")
        table.add("状态 State", report.state)
        table.add("芯片 Chip", report.card ?? "–")
        if let code = report.identificationCode { table.add("识别码 Identification code", code) }
        if let isRegistered = report.isRegistered { table.add("已登记 Registered", isRegistered ? "是 yes" : "否 no") }
        if let step = report.step {
            table.add("已完成 Done", "\(step) / \(report.steps.map(String.init) ?? "?")  \(report.nextStep ?? "")")
            table.add("持卡人 Holder", report.holder ?? "–")
            table.add("卡号 Card number", report.cardNumber ?? "–")
            table.add("布局 Layout", report.layout ?? "–")
            table.add("计划哈希 Plan hash", report.planHash ?? "–")
        }
        Terminal.say(table.text)
        Terminal.say("\(report.zh)\n\(report.en)")
        for hindrance in report.hindrances { Terminal.say("[\(hindrance.code)] \(hindrance.zh)\n    \(hindrance.en)") }
    }
}

import ArgumentParser
import ByteText
import CardApplication
import CardData
import CardLayout
import Foundation
import ISO7816
import IssuerKeys
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

            不出示密钥和密码，不改动卡片，也不在数据目录中建立任何文件；看不了制卡日志时仍回答并注明。No key or PIN is presented, nothing is changed on the card,
            and nothing is made in the data folder; where the journals cannot be looked at, the answer says so. Exit code 0 usable, 1 not, 3 cannot be told.
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
        let stateZh: String
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
        /// The state of an issued card on record, and whether it was reported lost.
        let lifecycle: String?
        let lifecycleZh: String?
        let isLost: Bool?
        let hindrances: [Hindrance]
        /// False where the place's journals could not be looked at; why stands with the hindrances.
        let journalsRead: Bool
        let zh: String
        let en: String

        init(_ standing: CardStanding, _ onRecord: OnRecord) {
            let torn = standing.torn
            state = standing.kind.rawValue
            stateZh = standing.kind.chinese
            card = standing.card?.text
            identificationCode = standing.identificationCode
            isRegistered = standing.isRegistered
            planHash = torn?.planHash.hexadecimal
            step = torn?.done
            steps = torn?.total
            nextStep = torn?.next.map { "\($0.text) \($0.kind.english)" }
            holder = torn?.holder ?? onRecord.holder
            cardNumber = (torn?.number ?? standing.spentOn ?? onRecord.card?.facts?.number)?.text
            layout = torn?.layoutName ?? onRecord.card?.facts?.layout
            let shown = onRecord.card?.state.shown
            lifecycle = shown?.rawValue
            lifecycleZh = shown?.chinese
            isLost = onRecord.card.map { $0.state.isRestricted(by: .loss) || $0.state.isRestricted(by: .temporaryLoss) }
            journalsRead = standing.unread.isEmpty
            hindrances = (standing.unread + (torn?.hindrances ?? [])).map { fault in
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
        let data = try self.site.existingDataFolder()
        let preparation = try site.lookingPreparation()
        let reader = try SmartCardReader.attached(reader)
        let (standing, onRecord) = try await reader.withCard { channel in
            var onRecord = OnRecord()
            let card = try? site.card(named: layout, answering: channel.answerToReset.bytes)
            let standing = try CardInspection(
                preparation: preparation, journalFolder: data + "/journal", sealingKey: nil,
                spentOn: { chip in
                    // A registry that another process has open has no answer here, and the card can be told without it.
                    try (try? site.existingRegistry())?.numberSpent(on: chip)
                }
            ) { code in
                // One that is not there knows no card.
                guard site.options.hasRegistry else { return false }
                guard let registry = try? site.registry() else { return nil }
                onRecord.card = try registry.card(identificationCode: code)
                return onRecord.card != nil
            }.standing(of: channel, layoutName: card?.name)
            if standing.kind == .issued, let card, let shown = try Self.holder(on: channel, card, site) {
                onRecord.holder = shown
            }
            return (standing, onRecord)
        }
        let report = Report(standing, onRecord)
        if json { try Terminal.say(json: report) } else { say(report) }
        if standing.exitCode != 0 { throw ExitVerdict(code: standing.exitCode) }
    }

    /// What is known of an issued card beside what the card itself says.
    private struct OnRecord: Sendable {
        var card: RegisteredCard?
        /// Name and number as the card shows them to everybody, masked; whom the registry has it for is told after a look-up alone.
        var holder: String?
    }

    /// Nil where the card shows its holder to nobody without a key.
    private static func holder(on channel: any CardChannel, _ card: CompiledCard, _ site: Site) throws -> String? {
        guard let context = CardKeyContext(channel.answerToReset, profile: card.profile, area: site.area),
            let environment = card.directories.first
        else { return nil }
        let conversation = CardConversation(
            ReadOnlyChannel(channel), with: card, keys: CardPreparation.absentKeys, context: context)
        let content = CardDump(
            layoutName: card.layout.name, answerToReset: channel.answerToReset.bytes,
            readings: try CardReader(conversation, card, presentsKeys: false).read(directories: [environment.name])
        ).content(by: card.layout)
        let name = content[environment.name, "EF06", "name"].flatMap { try? PersonName($0.text) }?.masked
        let number = content[environment.name, "EF06", "citizenNumber"]
            .flatMap { try? SocialSecurityNumber($0.text) }?.masked
        let parts = [name, number].compactMap { $0 }
        return parts.isEmpty ? nil : parts.joined(separator: " ")
    }

    private func say(_ report: Report) {
        var table = Table("项目 Item", "值 Value")
        table.add("状态 State", "\(report.stateZh) \(report.state)")
        table.add("芯片 Chip", report.card ?? "–")
        if let code = report.identificationCode { table.add("识别码 Identification code", code) }
        if let isRegistered = report.isRegistered { table.add("已登记 Registered", isRegistered ? "是 yes" : "否 no") }
        if let step = report.step {
            table.add("已完成 Done", "\(step) / \(report.steps.map(String.init) ?? "?")  \(report.nextStep ?? "")")
            table.add("计划哈希 Plan hash", report.planHash ?? "–")
        }
        if report.step != nil || report.state == CardStanding.Kind.issued.rawValue {
            table.add("持卡人 Holder", report.holder ?? "–")
            table.add("卡号 Card number", report.cardNumber ?? "–")
            table.add("布局 Layout", report.layout ?? "–")
        }
        if let state = report.lifecycle { table.add("卡状态 Card state", "\(report.lifecycleZh ?? "") \(state)") }
        if let isLost = report.isLost { table.add("挂失 Reported lost", isLost ? "是 yes" : "否 no") }
        if !report.journalsRead { table.add("制卡日志 Journal", "未能查看 not looked at") }
        Terminal.say(table.text)
        Terminal.say("\(report.zh)\n\(report.en)")
        for hindrance in report.hindrances { Terminal.say("[\(hindrance.code)] \(hindrance.zh)\n    \(hindrance.en)") }
    }
}

import ArgumentParser
import ByteText
import CardData
import CardLayout
import Foundation
import Issuing
import Lifecycle
import Registry

/// `sscard registry`: the log of acts and what it says now.
struct RegistryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "registry", abstract: "登记系统 The registry: show, verify, rebuild, back up, restore, import.",
        discussion: "例 Example: sscard registry show",
        subcommands: [Show.self, Log.self, Verify.self, Rebuild.self, Import.self, Backup.self, Restore.self])

    /// A card for programs.
    struct CardReport: Encodable {
        let cardNumber: String?
        let identificationCode: String
        let layout: String?
        let issueDate: String?
        let expiryDate: String?
        let state: String
        let stateZh: String
        let applicationStatus: UInt8
        let physical: String
        let restrictions: [String]
        let successor: String?

        init(_ card: RegisteredCard) {
            cardNumber = card.facts?.number.text
            identificationCode = card.reference.text
            layout = card.facts?.layout
            issueDate = card.facts?.issued.text
            expiryDate = card.facts?.expires.text
            state = card.state.shown.rawValue
            stateZh = card.state.shown.chinese
            applicationStatus = card.state.shown.applicationStatus
            physical = card.state.physical.rawValue
            restrictions = card.state.openRestrictions.map { "\($0.kind.english) \($0.openedBy)" }
            successor = card.successor?.text
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "显示卡状态 Show one card, or the counts of all.",
            discussion: "例 Example: sscard registry show --card D00000005 --json")
        @OptionGroup var site: SiteOptions
        @Option(help: "卡号 Card number.") var card: String?
        @Flag(help: "输出 JSON.") var json = false

        private struct Counts: Encodable {
            let events: Int
            let persons: Int
            let cards: [String: Int]
            let blanksUsed: Int
            let blanksSpoiled: Int
        }

        func run() throws {
            let registry = try Site(site).registry()
            guard let card else { return try showCounts(registry) }
            let number = try CardNumber(card)
            guard let found = try registry.card(number: number) else {
                throw Faults("tool.no-such-card", ["number": number.printed])
            }
            let report = CardReport(found)
            if json { return try Terminal.say(json: report) }
            Terminal.say("卡号 \(number.printed)  识别码 \(report.identificationCode)")
            Terminal.say(
                "状态 \(report.stateZh) \(found.state.shown.english) (AAZ502=\(report.applicationStatus))  "
                    + "实体卡 \(found.state.physical.chinese) \(report.physical)")
            Terminal.say("发卡 \(report.issueDate ?? "–")  有效期至 \(report.expiryDate ?? "–")  布局 \(report.layout ?? "–")")
            for restriction in report.restrictions { Terminal.say("限制 restriction \(restriction)") }
            if let successor = report.successor { Terminal.say("新卡 successor \(successor)") }
        }

        private func showCounts(_ registry: Registry) throws {
            let statistics = try registry.statistics()
            if json {
                return try Terminal.say(
                    json: Counts(
                        events: statistics.events, persons: statistics.persons,
                        cards: Dictionary(uniqueKeysWithValues: statistics.cards.map { (String($0), $1) }),
                        blanksUsed: statistics.blanksUsed, blanksSpoiled: statistics.blanksSpoiled))
            }
            Terminal.say("事件 events \(statistics.events)  人员 persons \(statistics.persons)")
            for (status, count) in statistics.cards.sorted(by: { $0.key < $1.key }) {
                let states = ShownState.allCases.filter { $0.applicationStatus == status }
                let words = states.map { "\($0.chinese) \($0.english)" }.joined(separator: " / ")
                Terminal.say("  \(words): \(count)")
            }
            Terminal.say("空白卡 blanks: 已用 used \(statistics.blanksUsed)  废卡 spoiled \(statistics.blanksSpoiled)")
        }
    }

    struct Log: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "显示日志 Show the newest acts, or those of one card, in the log's order.",
            discussion: "例 Example: sscard registry log --limit 20")
        @OptionGroup var site: SiteOptions
        @Option(help: "起始序号 Acts from this sequence on, instead of the newest.") var from: UInt64?
        @Option(help: "条数 How many of the newest, or from --from on; at most 10000.") var limit = 100
        @Option(help: "只看一张卡 One card only, by number.") var card: String?
        @Flag(help: "输出 JSON.") var json = false

        private struct Row: Encodable {
            let sequence: UInt64
            let time: String
            let act: String
            let actZh: String
            let card: String?
            let officer: UInt64
            let second: UInt64
            let slip: UInt64
            let service: String?
            let ticket: String?
            /// Why somebody was looked up.
            let purpose: String?
            /// Whom a look-up or a registration is about, masked.
            let person: String?
            /// The layout that a card was brought to.
            let layout: String?
        }

        func run() throws {
            let registry = try Site(site).registry()
            var events: [LoggedEvent]
            let limit = min(max(limit, 1), 10_000)
            if let card {
                let number = try CardNumber(card)
                guard let found = try registry.card(number: number) else {
                    throw Faults("tool.no-such-card", ["number": number.printed])
                }
                events = try registry.events(of: found.reference)
                if let from {
                    events = Array(events.drop { $0.event.identifier.sequence < from }.prefix(limit))
                } else {
                    events = events.suffix(limit)
                }
            } else if let from {
                events = try registry.log(from: from, limit: limit)
            } else {
                events = try registry.newest(limit)
            }
            let persons = try registry.masked(Set(events.compactMap(\.body.act.registeredOrLookedUp)))
            let rows = events.map { row($0, persons) }
            if json { return try Terminal.say(json: rows) }
            var table = Table("序号 Seq", "时间 Time (UTC)", "业务 Act", "卡 Card", "经办 By", "复核 With", "凭证 Slip", "说明 About")
            for row in rows {
                table.add(
                    String(row.sequence), row.time, "\(row.actZh) \(row.act)", row.card ?? "", String(row.officer),
                    row.second == 0 ? "" : String(row.second), String(row.slip),
                    [row.service, row.ticket, row.purpose, row.person, row.layout].compactMap { $0 }.joined(
                        separator: " "))
            }
            Terminal.say(table.text)
        }

        private func row(_ logged: LoggedEvent, _ persons: [PersonReference: MaskedPerson]) -> Row {
            let event = logged.event
            let kind = ActKind(rawValue: event.kind)
            var service: PINService?
            var ticket: String?
            if case .pinServed(let served, let text) = logged.body.act { (service, ticket) = (served, text) }
            var purpose: LookUpPurpose?
            if case .personLookedUp(_, let why, _) = logged.body.act { purpose = why }
            let person = logged.body.act.registeredOrLookedUp.flatMap { persons[$0] }
            var layout: String?
            if case .migrated(let name, _) = logged.body.act { layout = name }
            let date = Date(timeIntervalSince1970: Double(event.wallMilliseconds) / 1000)
            return Row(
                sequence: event.identifier.sequence, time: date.ISO8601Format(), act: kind?.name ?? String(event.kind),
                actZh: kind?.chinese ?? "", card: event.card?.text, officer: event.officer,
                second: event.secondPerson,
                slip: event.slip, service: service?.name, ticket: ticket, purpose: purpose.map { "\($0)" },
                person: person.map { "\($0.name) \($0.number)" }, layout: layout)
        }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "核验日志 Verify hash chain, signatures and views; exit code 1 when something is wrong.",
            discussion: """
                例 Examples: sscard registry verify --json
                sscard registry verify --backup backups/2026-11-28     备份 a backup, without its passphrase
                """)
        @OptionGroup var site: SiteOptions
        @Option(help: "备份目录 A backup's folder, looked through instead of the registry.") var backup: String?
        @Flag(help: "输出 JSON.") var json = false

        private struct Report: Encodable {
            let good: Bool
            let events: UInt64
            let signatures: UInt64
            let head: String
            /// The newest event for `registry restore --known`; nil where the log does not stand.
            let known: String?
            let position: UInt64?
            let problem: String?
        }

        func run() throws {
            if let backup { return try BackupReport(try RegistryBackup(at: backup)).say(json) }
            let report = try Site(site).registry(startCheck: false).verify()
            let problem = report.problem.map { "\($0)" }
            let head = report.head.bytes.hexadecimal
            let known = report.isGood && report.events > 0 ? "\(report.events):\(head)" : nil
            if json {
                try Terminal.say(
                    json: Report(
                        good: report.isGood, events: report.events, signatures: report.signatures,
                        head: head, known: known, position: report.position, problem: problem))
            } else {
                let place = report.position.map { "，第 \($0) 条 at \($0)" } ?? ""
                Terminal.say(
                    report.isGood
                        ? "日志完整 log whole: \(report.events) 条事件 events，\(report.signatures) 个签名 signatures"
                        : "日志有误 log damaged: \(problem ?? "")\(place)")
                Terminal.say("链头 head \(known ?? head)")
            }
            if !report.isGood { throw ExitVerdict(code: 1) }
        }
    }

    struct Rebuild: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "由日志重建 Make all views again from the log.",
            discussion: "例 Example: sscard registry rebuild --json")
        @OptionGroup var site: SiteOptions
        @Flag(help: "输出 JSON.") var json = false

        private struct Report: Encodable {
            let before: String
            let after: String
            let same: Bool
        }

        func run() throws {
            let registry = try Site(site).registry()
            let wereWhole = try registry.hasWholeCards()
            let before = try registry.canonicalDumpHash()
            let after = try registry.rebuild()
            let isSame = wereWhole && before == after
            if json {
                return try Terminal.say(
                    json: Report(before: before.hexadecimal, after: after.hexadecimal, same: isSame))
            }
            Terminal.say("重建前 before \(before.hexadecimal)")
            Terminal.say("重建后 after  \(after.hexadecimal)")
            Terminal.say(isSame ? "相同 the same" : "已修正 the views were mended")
        }
    }
}

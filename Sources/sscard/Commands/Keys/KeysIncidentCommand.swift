import ArgumentParser
import ByteText
import CardData
import CardLayout
import Foundation
import IssuerKeys
import Issuing
import Personalization

extension KeysCommand {
    /// `sscard keys incident`: what a suspect version of a key reaches, and what is to be done.
    struct Incident: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "密钥事件 A version of a key is suspect: its cards, batches, PSAMs, counters and dates, and the plan. Changes nothing.",
            discussion: """
                退出码 Exit code: 0 没有卡片受影响 no card holds it, 1 有 some do.

                例 Example: sscard keys incident --key STKDF03 --version 1
                """)
        @OptionGroup var site: SiteOptions
        @Option(name: .customLong("key"), help: "密钥名称 The suspect key.") var name: String
        @Option(name: .customLong("version"), help: "密钥版本 Its suspect version.") var number: Int
        @Option(help: "算法 Only cards of this algorithm: 3des or sm4.") var algorithm: String?
        @Flag(help: "输出 JSON.") var json = false

        private struct Report: Encodable {
            struct Card: Encodable {
                let identificationCode: String
                let number: String
                let layout: String
                let profile: String
                let made: String
                let counter: UInt64
                let officer: UInt64
                let standing: String
                let remedy: String
                let seconds: Double
            }

            struct Batch: Encodable {
                let made: String
                let counter: UInt64
                let officer: UInt64
                let layout: String
                let cards: Int
            }

            struct Step: Encodable {
                let order: Int
                let action: String
                let cards: Int
                let seconds: Double
                let zh: String
                let en: String
            }

            let key: String
            let version: Int
            let stage: String?
            let successor: Int?
            let keySet: String
            let area: String
            let moduleAddress: String?
            let terminalClass: String?
            let terminalIdentifier: String?
            let firstMade: String?
            let lastMade: String?
            let counters: [UInt64]
            let batches: [Batch]
            let plan: [Step]
            let cards: [Card]
        }

        func run() throws {
            guard let version = KeyVersion(number) else { throw Faults("keys.version", ["value": String(number)]) }
            var only: CardAlgorithm?
            if let algorithm {
                guard let named = CardAlgorithm(algorithm) else {
                    throw Faults("tool.unknown-word", ["word": algorithm, "known": "3des sm4"])
                }
                only = named
            }
            let site = try Site(site)
            let hierarchy = try site.hierarchy()
            let key = try hierarchy.key(named: name)
            guard key.stage(of: version) != nil else {
                let known = key.versions.map { String($0.version.number) }.joined(separator: " ")
                throw Faults("keys.no-such-version", ["key": name, "version": String(number), "known": known])
            }
            let set = try site.keySet(hierarchy)
            var ledger = try LedgerCards(site)
            let cards = try ledger.holding(key.name, version, only)
            let incident = KeyIncident(
                key: key, version: version, cards: cards, times: try times(cards, key.name, site))
            if json { try Terminal.say(json: report(incident, set)) } else { say(incident, set) }
            if !cards.isEmpty { throw ExitVerdict(code: 1) }
        }

        /// The predicted times of each layout's cards at 9,600 baud: a whole card, or the steps that write this key.
        private func times(
            _ cards: [KeyIncident.Card], _ name: KeyName, _ site: Site
        ) throws -> [String: KeyIncident.CardTime] {
            var times: [String: KeyIncident.CardTime] = [:]
            let codes = try CodeLookup(folder: site.library.files.folder + "/tables")
            for card in cards where times[card.layout] == nil {
                let compiled = try site.library.entry("\(card.layout)@\(card.profile)").compiled
                guard let plan = FullCard.plan(of: compiled.layout, profile: compiled.profile, codes: codes) else {
                    continue
                }
                let model = CostModel.slow
                let whole = model.seconds(of: plan)
                let powerUp = whole - plan.steps.reduce(0) { $0 + model.seconds(of: $1, in: plan) }
                func first(_ kind: Purpose.Kind, _ subject: String? = nil) -> Double {
                    plan.steps.first { step in
                        step.purpose.kind == kind
                            && (subject.map { step.purpose.subject.split(separator: "/").contains(Substring($0)) }
                                ?? true)
                    }.map { model.seconds(of: $0, in: plan) } ?? 0
                }
                // select the directory, take a challenge, write the key, and let the card prove it
                times[card.layout] = KeyIncident.CardTime(
                    rekey: powerUp + first(.selectDirectory) + first(.takeChallenge) + first(.loadKey, name.rawValue)
                        + first(.authenticate),
                    reissue: whole)
            }
            return times
        }

        private func report(_ incident: KeyIncident, _ set: KeySet) -> Report {
            Report(
                key: incident.key.name.rawValue, version: Int(incident.version.number),
                stage: incident.key.stage(of: incident.version)?.rawValue,
                successor: incident.successor.map { Int($0.number) }, keySet: set.name, area: set.area,
                moduleAddress: incident.key.moduleAddress(of: incident.version)?.hexadecimal,
                terminalClass: incident.key.terminalKey?.keyClass.hexadecimal,
                terminalIdentifier: incident.key.terminalKey?.identifier.hexadecimal,
                firstMade: incident.batches.first?.made.text, lastMade: incident.batches.last?.made.text,
                counters: incident.counters,
                batches: incident.batches.map {
                    Report.Batch(
                        made: $0.made.text, counter: $0.counter, officer: $0.officer, layout: $0.layout, cards: $0.count
                    )
                },
                plan: incident.plan.map {
                    Report.Step(
                        order: $0.order, action: $0.action, cards: $0.cards, seconds: tenths($0.seconds),
                        zh: $0.chinese,
                        en: $0.english)
                },
                cards: incident.cards.map { card in
                    Report.Card(
                        identificationCode: card.identificationCode, number: card.number, layout: card.layout,
                        profile: card.profile, made: card.made.text, counter: card.counter, officer: card.officer,
                        standing: card.standing.rawValue, remedy: incident.remedy(for: card).rawValue,
                        seconds: tenths(incident.seconds(for: card)))
                })
        }

        private func say(_ incident: KeyIncident, _ set: KeySet) {
            let key = incident.key
            Terminal.say(
                "\(key.name) 版本 version \(incident.version) "
                    + "(\(incident.key.stage(of: incident.version)?.rawValue ?? "未列 not listed"))  \(key.title)")
            Terminal.say("密钥库 Key set: \(set.name), \(set.level.rawValue) \(set.area)")
            if let address = key.moduleAddress(of: incident.version) {
                Terminal.say("加密机 HSM: \(address.hexadecimal)")
            }
            if let place = key.terminalKey {
                Terminal.say(
                    "PSAM: 凡装有 \(place.keyClass.hexadecimal)/\(place.identifier.hexadecimal) 的终端 "
                        + "every terminal whose PSAM holds this class/id")
            }
            var batches = Table("制卡日期 Made", "计数点 Counter", "经办 Officer", "布局 Layout", "卡数 Cards")
            for batch in incident.batches {
                batches.add(
                    batch.made.text, String(batch.counter), String(batch.officer), batch.layout, String(batch.count))
            }
            Terminal.say(batches.text)
            var cards = Table("卡号 Number", "卡识别码 Identification code", "布局 Layout", "状态 Standing", "处置 Remedy", "秒 s")
            for card in incident.cards {
                cards.add(
                    card.number, card.identificationCode, card.layout, card.standing.rawValue,
                    incident.remedy(for: card).rawValue, String(tenths(incident.seconds(for: card))))
            }
            Terminal.say(cards.text)
            Terminal.say("处置计划 Plan (9,600 baud):")
            for step in incident.plan {
                let load = step.cards > 0 ? "  \(step.cards) 张 cards, \(tenths(step.seconds)) s" : ""
                Terminal.say("\(step.order). \(step.chinese)\(load)")
                Terminal.say("   \(step.english)")
            }
        }

        private func tenths(_ seconds: Double) -> Double { (seconds * 10).rounded() / 10 }
    }
}

import ArgumentParser
import CardData
import CardLayout
import CardVerification
import Foundation
import ISO7816
import Issuing
import Lifecycle
import Personalization
import Registry
import SmartCardReader

/// `sscard pharmacy`: at the till.
struct PharmacyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pharmacy", abstract: "药店 Checks at the till.",
        discussion: "例 Example: sscard pharmacy check --json", subcommands: [Check.self])

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "验卡 Is the card genuine, alive and in use? Exit code 0 normal, 1 stop.",
            discussion: "例 Example: sscard pharmacy check --json")
        @OptionGroup var site: SiteOptions
        @OptionGroup var user: KeyUserOptions
        @Option(help: "读卡器 Reader; the only one with a card when none is named.") var reader: String?
        @Flag(help: "输出 JSON.") var json = false

        private struct Report: Encodable {
            struct Reason: Encodable {
                let code: String
                let zh: String
                let zhNext: String?
                let en: String
                let enNext: String?
            }

            let verdict: String
            let identificationCode: String?
            let layout: String?
            let commands: Int
            let reasons: [Reason]
        }

        func run() async throws {
            let verdict: Verdict
            do {
                verdict = try await check()
            } catch let error as any FaultReporting where json {
                // A till that reads JSON gets a verdict whatever happens; the reason is told to whoever watches, too.
                verdict = Verdict(failingWith: error.faults)
                Terminal.tell(error.faults)
            }
            if json {
                try Terminal.say(
                    json: Report(
                        verdict: verdict.answer.rawValue, identificationCode: verdict.identificationCode,
                        layout: verdict.layoutName, commands: verdict.commandCount,
                        reasons: verdict.reasons.map {
                            Report.Reason(
                                code: $0.code, zh: $0.chinese, zhNext: $0.nextStep[.chinese], en: $0.english,
                                enNext: $0.nextStep[.english])
                        }))
            } else {
                say(verdict)
            }
            if verdict.exitCode != 0 { throw ExitVerdict(code: verdict.exitCode) }
        }

        private func check() async throws -> Verdict {
            let site = try Site(site).acting(user.officer)
            let registry = try site.existingRegistry()
            // A till may have none: what is genuine is then not known, which is no answer for a shop.
            if registry == nil { Terminal.tell([Fault("registry.none-here", ["directory": self.site.dataPath])]) }
            // Opened before the card is touched, and missed only where a card gets as far as its proof: one that is known to be lost is
            // stopped without them. Where there are no books, none is; and keys that may not be used here end every check.
            let keys = Result { try site.keys(as: .pharmacist) }
            if registry == nil || Self.isForbidden(keys) { _ = try keys.get() }
            let hierarchy = try site.hierarchy()
            let today = try site.today
            let area = site.policy.area
            let journals = try self.site.dataFolder() + "/journal"
            let reader = try SmartCardReader.attached(reader)
            return try await reader.withCard { channel in
                let cards = try site.compiledCards(answering: channel.answerToReset.bytes)
                let check = TillCheck(
                    cards: cards, keys: try keys.get(), area: area, today: today, hierarchy: hierarchy)
                return try check.check(
                    channel,
                    isBegun: { answer in
                        let chip = CardIdentity(answer, rule: cards.first?.profile.identity ?? .standard)
                        guard let chip else { return false }
                        if FileManager.default.fileExists(atPath: journals + "/" + Journal.fileName(for: chip)) {
                            return true
                        }
                        return try registry?.reference(onChip: chip.bytes) != nil
                    }
                ) {
                    try registry?.card(identificationCode: $0).map { card in
                        KnownCard(
                            state: card.state.shown, historicalBytes: card.facts?.blankSerial,
                            keyVersions: try registry?.keyVersions(of: card.reference, hierarchy))
                    }
                }
            }
        }

        /// Whether the place must not use these keys at all, whatever card there is.
        private static func isForbidden<Keys>(_ keys: Result<Keys, any Error>) -> Bool {
            guard case .failure(let error) = keys, let faults = (error as? any FaultReporting)?.faults else {
                return false
            }
            return faults.contains { $0.code == "key-store.development-in-production" }
        }

        private func say(_ verdict: Verdict) {
            let word =
                switch verdict.answer {
                case .normal: "正常 normal"
                case .stop: "不可使用 stop"
                case .unknown: "不能判定 unknown"
                }
            Terminal.say("\(word)  \(verdict.identificationCode ?? "")")
            for reason in verdict.reasons {
                let next = reason.nextStep
                Terminal.say("  \(reason.chinese) · \(reason.english)")
                Terminal.say("    \(next[.chinese] ?? "") \(next[.english] ?? "")")
            }
        }
    }
}

import ArgumentParser
import CardData
import IssuerKeys

extension KeysCommand {
    /// `sscard keys ledger`: what still depends on 3DES and on old versions, and what is past its time.
    struct Ledger: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "密钥台账 What still depends on 3DES and on old versions of keys; 1 when something is past its time.",
            discussion: "例 Example: sscard keys ledger")
        @OptionGroup var site: SiteOptions
        @Flag(help: "输出 JSON.") var json = false

        private struct Report: Encodable {
            struct Role: Encodable {
                let key: String
                let live: Int
                let since: String?
                let expiry: String?
                let time: String
                let tripleDES: Int
                let sm4: Int
                let oldVersions: Int
            }

            struct Group: Encodable {
                let layout: String
                let profile: String
                let algorithm: String
                let versions: String
                let cards: Int
            }

            let cards: Int
            let cardsOnTripleDES: Int
            let cardsOnSM4: Int
            let cardsOnOldVersions: Int
            let rolesOnTripleDES: Int
            let overdue: Bool
            let cutOffs: [String: String]
            let roles: [Role]
            let groups: [Group]
        }

        func run() throws {
            let site = try Site(site)
            var cards = try LedgerCards(site)
            let ledger = KeyLedger(hierarchy: try site.hierarchy(), groups: try cards.groups(), today: try site.today)
            if json { try Terminal.say(json: report(ledger)) } else { say(ledger) }
            if ledger.isOverdue { throw ExitVerdict(code: 1) }
        }

        private func report(_ ledger: KeyLedger) -> Report {
            Report(
                cards: ledger.cardCount, cardsOnTripleDES: ledger.cards(on: .tripleDES),
                cardsOnSM4: ledger.cards(on: .sm4), cardsOnOldVersions: ledger.cardsOnOldVersions,
                rolesOnTripleDES: ledger.roles(on: .tripleDES), overdue: ledger.isOverdue,
                cutOffs: Dictionary(
                    ledger.cutOffs.map { ($0.key.description, $0.value.text) }, uniquingKeysWith: { first, _ in first }),
                roles: ledger.rows.map { row in
                    Report.Role(
                        key: row.key.name.rawValue, live: Int(row.key.live.number),
                        since: row.key.versions.first { $0.stage == .live }?.since?.text, expiry: row.key.expiry?.text,
                        time: row.time.rawValue, tripleDES: row.count(.tripleDES), sm4: row.count(.sm4),
                        oldVersions: row.countOfOldVersions)
                },
                groups: ledger.groups.map {
                    Report.Group(
                        layout: $0.layout, profile: $0.profile, algorithm: $0.algorithm.description,
                        versions: $0.versions.description, cards: $0.count)
                })
        }

        private func say(_ ledger: KeyLedger) {
            var roles = Table("密钥 Key", "启用 Live", "使用至 Until", "3DES 卡 cards", "SM4 卡 cards", "旧版 Old versions")
            for row in ledger.rows where !row.cards.isEmpty || row.time != .running {
                let mark = row.time == .over ? " 已过期 OVER" : row.time == .ending ? " 将到期 ending" : ""
                roles.add(
                    row.key.name.rawValue, row.key.live.description, (row.key.expiry?.text ?? "") + mark,
                    String(row.count(.tripleDES)), String(row.count(.sm4)), String(row.countOfOldVersions))
            }
            Terminal.say(roles.text)
            for group in ledger.groups {
                Terminal.say(
                    "\(group.layout)@\(group.profile)  \(group.algorithm)  版本 versions \(group.versions)  \(group.count) 张 cards"
                )
            }
            for algorithm in ledger.overdueAlgorithms {
                Terminal.say("\(algorithm) 已过停用日期，仍有卡片依赖 is past its last day and still needed")
            }
            Terminal.say(
                "仍依赖 3DES Still on 3DES: \(ledger.cards(on: .tripleDES)) 张 cards, \(ledger.roles(on: .tripleDES)) 个密钥 keys; "
                    + "旧版密钥 on old versions: \(ledger.cardsOnOldVersions) 张 cards; 共 of \(ledger.cardCount)")
        }
    }
}

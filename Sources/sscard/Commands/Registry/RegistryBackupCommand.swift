import ArgumentParser
import ByteText
import CardCryptography
import CardData
import Foundation
import Issuing
import Lifecycle
import Registry
import SecretEntry

extension RegistryCommand {
    struct Backup: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "备份 Write a backup into a new folder, and read it back before it counts.",
            discussion: """
                例 Example: sscard registry backup backups/2026-11-28 --passphrase ask
                数据库、密钥（以口令封存）、操作员与未办结业务（封存）和签名清单。The database, the counter's keys sealed under the passphrase, \
                operators, printed slips, open issues and owed fees sealed, and a signed manifest. Journals of cards in the making are not in it. \
                服务运行时由服务来做。While the counter service runs, it makes the backup, into a folder that it can write.
                """)
        @OptionGroup var site: SiteOptions
        @Argument(help: "备份目录 A folder that does not exist yet.") var to: String
        @Option(help: "口令来源 What the keys are sealed under: ask or fd:N.") var passphrase: SecretSource = .ask
        @Flag(help: "输出 JSON.") var json = false

        func run() throws {
            let site = try Site(site)
            if RunningCounter.find(in: site.options.dataPath) != nil {
                // The registry is the service's; it makes the backup and goes on serving.
                let secret = try passphrase.newPassphrase(of: "备份 backup")
                let place = URL(filePath: to).absoluteURL.path(percentEncoded: false)
                try RunningCounter.backUp(site.options.dataPath, to: place, sealedUnder: secret)
            } else {
                let registry = try site.registry()
                let secret = try passphrase.newPassphrase(of: "备份 backup")
                try registry.backUp(to: to, sealedUnder: secret) { done in
                    Terminal.progress("\(Int(done * 100)) %")
                }
                Terminal.endProgress()
            }
            try BackupReport(try RegistryBackup(at: to)).say(json)
        }
    }

    struct Restore: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "恢复 Make a registry of a backup, in an empty data folder.",
            discussion: """
                例 Example: sscard registry restore backups/2026-11-28 --data data.new --passphrase ask \
                --officer 2001 --second 2002 --proof paper
                已知的最新事件 Events that somebody has seen since, from slips or registry verify: --known 120:HASH. A backup that lacks one, or \
                beside which a newer one lies, is refused.
                备份之后制的卡不在库中，其卡号暂不发放 Cards that were made after the backup are not in it, so the numbers that came next \
                are withheld: those before --numbers-from, else --number-gap of them.
                """)
        @OptionGroup var site: SiteOptions
        @OptionGroup var officers: OfficerOptions
        @Argument(help: "备份目录 The backup's folder.") var from: String
        @Option(help: "口令来源 What the keys were sealed under: ask or fd:N.") var passphrase: SecretSource = .ask
        @Option(help: "已知事件 SEQUENCE:HASH of an event that is known; repeated.") var known: [String] = []
        @Option(help: "起用卡号 The first card number that was certainly never used; those before it are withheld.")
        var numbersFrom: String?
        @Option(help: "暂不发号数 How many of the next card numbers are withheld where none is named.")
        var numberGap = NumbersInDoubt.gap
        @Flag(help: "接受较旧的备份 Restore although later events are known; they are lost here.") var althoughOlder = false
        @Flag(help: "输出 JSON.") var json = false

        private struct Report: Encodable {
            let events: UInt64
            let head: String
            let newestKnown: UInt64
            let event: String
            /// 暂不发号段: from, and up to.
            let withheld: [[String]]
        }

        func run() throws {
            let known = try known.map(KnownEvent.init(word:))
            let site = try Site(site).acting(officers)
            let backup = try RegistryBackup(at: from)
            let numbers = try numbersFrom.map { text throws(Faults) in NumbersInDoubt.before(try CardNumber(text)) }
            let terms = RegistryBackup.Terms(
                known: known, mayBeOlder: althoughOlder, numbers: numbers ?? .next(numberGap),
                handledBy: try officers.handling(as: .supervisor))
            let recorded = try backup.restore(
                into: site.options.dataPath, keysUnder: passphrase.passphrase(of: "备份 backup"), on: terms,
                policy: site.policy, clock: Site.clock)
            var newest: UInt64 = 0
            var withheld: [[String]] = []
            if case .registryRestored(let restoration) = recorded.act {
                newest = restoration.newestKnown
                withheld = restoration.withheld.map { range in
                    [0, range.count - 1].compactMap { range.number(at: $0)?.printed }
                }
            }
            if json {
                return try Terminal.say(
                    json: Report(
                        events: backup.manifest.events, head: backup.manifest.head.text, newestKnown: newest,
                        event: "\(recorded.identifier)", withheld: withheld))
            }
            Terminal.say("已恢复 restored \(backup.manifest.events) 条事件 events  事件 event \(recorded.identifier)")
            for range in withheld {
                Terminal.say(
                    "暂不发号 numbers withheld \(range.joined(separator: " – "))：可能已在备份之后发出 they may stand on cards made after the backup"
                )
            }
            Terminal.say("备份之后用过的空白卡又在库存簿上，请清点 blanks used after the backup stand in the book again: count them")
            if newest > backup.manifest.events {
                Terminal.say(
                    "第 \(backup.manifest.events + 1) 至 \(newest) 条已丢失，请按凭证补录 those events are lost here: enter them from their slips"
                )
            }
        }
    }
}

/// A backup for programs and people.
struct BackupReport: Encodable {
    let good = true
    let backup: String
    let counter: UInt64
    let events: UInt64
    let head: String
    let views: String
    let persons: UInt64
    let cards: UInt64
    let bytes: UInt64
    let made: String
    let manifest: String

    private enum CodingKeys: CodingKey {
        case good, backup, counter, events, head, views, persons, cards, bytes, made, manifest
    }

    init(_ found: RegistryBackup) {
        let manifest = found.manifest
        backup = found.path
        counter = manifest.counter
        events = manifest.events
        head = manifest.head.text
        views = manifest.views.hexadecimal
        persons = manifest.persons
        cards = manifest.cards
        bytes = manifest.databaseLength
        made = Date(timeIntervalSince1970: Double(manifest.madeAt) / 1000).ISO8601Format()
        self.manifest = found.manifestHash.hexadecimal
    }

    func say(_ json: Bool) throws {
        if json { return try Terminal.say(json: self) }
        Terminal.say("备份完整 backup whole: \(backup)  计数点 counter \(counter)  \(made)")
        Terminal.say("事件 events \(events)  人员 persons \(persons)  卡 cards \(cards)  \(bytes) 字节 bytes")
        Terminal.say("链头 head \(head)")
        Terminal.say("清单 manifest \(manifest)")
    }
}

extension KnownEvent {
    /// Reads `SEQUENCE:HASH`; throws `backup.known-event`.
    init(word: String) throws(Faults) {
        let parts = word.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let sequence = UInt64(parts[0]), sequence > 0,
            let hash = [UInt8](hexadecimal: parts[1]).flatMap({ EventHash(bytes: $0) })
        else { throw Faults("backup.known-event", ["text": word]) }
        self.init(sequence: sequence, hash: hash)
    }
}

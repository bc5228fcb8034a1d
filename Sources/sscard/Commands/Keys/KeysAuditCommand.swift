import ArgumentParser
import ByteText
import CardCryptography
import CardData
import Foundation
import IssuerKeys
import Issuing
import SecretEntry

extension KeysCommand {
    /// `sscard keys audit`: the log of all key uses.
    struct Audit: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "audit", abstract: "密钥日志 Check and show the log of all key uses.",
            discussion: "例 Example: sscard keys audit verify --json",
            subcommands: [Verify.self, Show.self, Start.self, Checkpoint.self, Rollover.self])
    }
}

/// Which log is meant.
struct KeyLogOptions: ParsableArguments {
    @OptionGroup var site: SiteOptions
    @Option(help: "日志文件 The log's file; that of the site when none is named.") var log: String?
    @Option(help: "最初的检查点公钥 The public key (PEM) that the log must have begun with.") var key: String?

    /// The log's file.
    var path: String { log ?? site.keyLogFolder + "/" + KeyLog.fileName }

    /// The key that was given.
    var publicKey: SM2.VerificationKey? {
        get throws {
            guard let key else { return nil }
            guard let text = FileManager.default.contents(atPath: key),
                let found = try? SM2.VerificationKey(pem: Array(text))
            else { throw Faults("keys-tool.key-file", ["path": key]) }
            return found
        }
    }
}

extension KeysCommand.Audit {
    /// `sscard keys audit verify`.
    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "核对密钥日志 Check every entry, hash and signature; needs no secret.",
            discussion: """
                例 Example: sscard keys audit verify --key checkpoint.pem --known 120:9F…

                没有 --key 时以日志自称的公钥核对，整份日志被替换就看不出来。Without --key the log's own key is believed, and a log that was replaced
                as a whole is not found out. 退出码 exit code: 0 stands, 1 does not.
                """)
        @OptionGroup var log: KeyLogOptions
        @Option(help: "上次核对的位置 A head noted earlier, SEQUENCE:HASH; it must still be there.") var known: String?
        @Flag(help: "输出 JSON.") var json = false

        private struct Report: Encodable {
            let stands: Bool
            let keyGiven: Bool
            let head: String?
            let entries: [String: Int]
            let unsigned: Int
            let openSessions: [String: Int]
            let faults: [String]
        }

        func run() throws {
            let head = try known.map { text in
                guard let head = KeyLogVerification.KnownHead(text) else {
                    throw Faults("keys-tool.known-head", ["text": text])
                }
                return head
            }
            let key = try log.publicKey
            let found = try KeyLogVerification(log.path, key: key, known: head)
            let counts = Dictionary(uniqueKeysWithValues: found.counts.map { ($0.key.rawValue, $0.value) })
            let place = found.head.map { "\($0.sequence):\($0.hash.hexadecimal)" }
            if json {
                try Terminal.say(
                    json: Report(
                        stands: found.faults.isEmpty, keyGiven: key != nil, head: place, entries: counts,
                        unsigned: found.unsigned, openSessions: found.openSessions,
                        faults: found.faults.map(\.code.rawValue)))
            } else {
                Terminal.say(found.faults.isEmpty ? "日志成立 the log stands" : "日志不成立 the log does not stand")
                Terminal.say("位置 head \(place ?? "–")")
                for (kind, count) in counts.sorted(by: { $0.key < $1.key }) { Terminal.say("\(kind)  \(count)") }
                for (session, left) in found.openSessions.sorted(by: { $0.key < $1.key }) {
                    Terminal.say("未结束的会话 session without an end \(session)，至多缺 up to \(left) 条 entries")
                }
                if key == nil { Terminal.say("未给出公钥，以日志自称的公钥核对 checked with the log's own key; name one with --key") }
            }
            Terminal.tell(found.faults)
            guard found.faults.isEmpty else { throw ExitVerdict(code: 1) }
        }
    }

    /// `sscard keys audit show`.
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "显示密钥日志 Show the newest entries, or those of one card, operator or ticket.",
            discussion: "例 Example: sscard keys audit show --card 8649990100000001 --limit 20")
        @OptionGroup var log: KeyLogOptions
        @Option(help: "卡分散因子 Only uses for this card (its factor).") var card: String?
        @Option(help: "操作员 Only those of this operator.") var user: String?
        @Option(help: "工单号 Only those for this ticket.") var ticket: String?
        @Option(help: "种类 Only this kind: use, refused, failed …") var kind: String?
        @Option(help: "条数 How many of the newest.") var limit = 50
        @Flag(help: "输出 JSON.") var json = false

        private struct Row: Encodable {
            let sequence: UInt64
            let time: UInt64
            let kind: String
            let fields: [String: String]
        }

        func validate() throws {
            guard limit > 0 else { throw ValidationError("--limit 至少为 1 · --limit takes 1 or more") }
        }

        func run() throws {
            let wanted = try kind.map { text in try word(text, KeyLogEntry.Kind.allCases, \.rawValue) }
            var newest: [KeyLogEntry] = []
            let found = try KeyLogVerification(log.path, key: try log.publicKey) { entry in
                guard wanted == nil || entry.kind == wanted, card == nil || entry["card"] == card,
                    user == nil || entry["operator"] == user, ticket == nil || entry["ticket"] == ticket
                else { return }
                newest.append(entry)
                if newest.count >= 2 * limit { newest.removeFirst(newest.count - limit) }
            }
            newest = newest.suffix(limit)
            if json {
                try Terminal.say(
                    json: newest.map { entry in
                        Row(
                            sequence: entry.sequence, time: entry.time, kind: entry.kind.rawValue,
                            fields: Dictionary(entry.fields.map { ($0.name, $0.value) }) { $1 })
                    })
            } else {
                for entry in newest {
                    let fields = entry.fields.filter { $0.name != "signature" && $0.name != "head" }
                        .map { "\($0.name)=\($0.value)" }
                    let time = Date(timeIntervalSince1970: Double(entry.time) / 1000).ISO8601Format()
                    Terminal.say("\(entry.sequence)  \(time)  \(entry.kind.rawValue)  " + fields.joined(separator: " "))
                }
            }
            // a log at work has an end that is not signed yet
            let faults = found.faults.filter { $0.code != "key-log.unsigned-end" }
            Terminal.tell(faults)
            guard faults.isEmpty else { throw ExitVerdict(code: 1) }
        }
    }

    /// `sscard keys audit start`.
    struct Start: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "启用密钥日志 Start the log of a site; production uses no key before.",
            discussion: "例 Example: sscard keys audit start, then give DATA/key-log/checkpoint.pem to the auditors")
        @OptionGroup var options: SiteOptions
        @Flag(help: "输出 JSON.") var json = false

        func run() throws {
            let site = try Site(options)
            _ = try options.dataFolder()
            let log = try KeyLog.start(
                in: options.keyLogFolder, lock: site.newCheckpointLock(from: nil), clock: KeyRoom.clock)
            let head = try log.head
            try log.close()
            if json { return try Terminal.say(json: KeyLogPlace(options, head)) }
            Terminal.say("密钥日志 key log \(options.keyLogFolder)/\(KeyLog.fileName)")
            Terminal.say("公钥，请交给审计人员 public key, for the auditors: \(options.keyLogFolder)/checkpoint.pem")
        }
    }

    /// `sscard keys audit checkpoint`.
    struct Checkpoint: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "签署检查点 Sign what no checkpoint covers yet, as a program leaves it that was stopped.",
            discussion: "例 Example: sscard keys audit checkpoint")
        @OptionGroup var options: SiteOptions
        @Flag(help: "输出 JSON.") var json = false

        func run() throws {
            let log = try KeyRoom.log(of: Site(options), startingIfEmpty: false)
            try log.checkpoint()
            let head = try log.head
            if json { return try Terminal.say(json: KeyLogPlace(options, head)) }
            Terminal.say("位置 head \(head.sequence):\(head.hash.hexadecimal)")
        }
    }

    /// `sscard keys audit rollover`.
    struct Rollover: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "更换检查点密钥 Put a new checkpoint key in the place of the old one, signed by both.",
            discussion: "例 Example: sscard keys audit rollover --new-passphrase ask")
        @OptionGroup var options: SiteOptions
        @Option(help: "新口令来源 Where a new passphrase for the new key comes from; that of the old key when not given.")
        var newPassphrase: SecretSource?
        @Flag(help: "输出 JSON.") var json = false

        func run() throws {
            let site = try Site(options)
            let liesOpen = try KeyLog.keyLiesOpen(in: options.keyLogFolder)
            let next = liesOpen || newPassphrase != nil ? try site.newCheckpointLock(from: newPassphrase) : nil
            let log = try KeyRoom.log(of: site, lock: liesOpen ? next : nil, startingIfEmpty: false)
            try log.rollOver(sealedBy: next)
            let head = try log.head
            if json { return try Terminal.say(json: KeyLogPlace(options, head)) }
            Terminal.say(
                "新公钥 new public key: \(options.keyLogFolder)/checkpoint.pem；最初的公钥仍可核对整份日志 the first one still verifies the whole log"
            )
        }
    }
}

/// Where a log stands, for programs.
private struct KeyLogPlace: Encodable {
    let log: String
    let publicKey: String
    let head: String

    init(_ site: SiteOptions, _ head: (sequence: UInt64, hash: [UInt8])) {
        log = site.keyLogFolder + "/" + KeyLog.fileName
        publicKey = site.keyLogFolder + "/checkpoint.pem"
        self.head = "\(head.sequence):\(head.hash.hexadecimal)"
    }
}

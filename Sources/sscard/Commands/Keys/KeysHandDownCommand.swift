import ArgumentParser
import CardData
import IssuerKeys
import Lifecycle

extension KeysCommand {
    /// `sscard keys hand-down`: makes the set of a province or city out of one above it, sealed for its receiver.
    struct HandDown: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "hand-down",
            abstract:
                "下发密钥 Make a city's (or province's) key set from this one, sealed under its receiver's passphrase.",
            discussion: """
                收方以 sscard keys receive 核对并接收；校验根值另行当面或电话告知。
                The receiver checks and takes it with sscard keys receive; tell the root's check value by another way.

                例 Example:
                  sscard keys hand-down --area 990100 --name city-990100 --into handed --receiver-passphrase fd:3 3<passphrase
                """)
        @OptionGroup var site: SiteOptions
        @Option(help: "收方层级 The receiver's level: province or city.") var to = "city"
        @Option(help: "收方地区 The receiver's area code, six digits.") var area: String
        @Option(help: "密钥库名称 The set's name: letters, digits, full stops, hyphens.") var name: String
        @Option(help: "目标目录 Folder for the set's file; nothing is written over.") var into: String
        @Option(help: "收方口令来源 Where the receiver's passphrase comes from: fd:N.") var receiverPassphrase:
            PassphraseSource
        @Flag(help: "输出 JSON.") var json = false

        func run() throws {
            guard let level = KeyLevel(rawValue: to), level == .province || level == .city else {
                throw Faults("tool.unknown-word", ["word": to, "known": "province city"])
            }
            let site = try Site(site)
            let hierarchy = try site.hierarchy()
            let set = try site.keySet(hierarchy)
            let handed = try set.handedDown(to: level, area: area, name: name, hierarchy: hierarchy)
            try KeySetFile.write(handed, into: into, passphrase: receiverPassphrase.read(sealing: true))
            try KeySetReport(handed).say(
                json: json, "已下发 Handed down: \(into)/\(SealedKeyStore.fileName)")
        }
    }

    /// `sscard keys receive`: checks a set that was handed down and seals it under the own passphrase.
    struct Receive: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "接收密钥 Check a key set that was handed down, and seal it under one's own passphrase.",
            discussion: """
                核对：根校验值、层级、地区，以及每个密钥的分散因子、奇偶规则和校验值。
                Checked are the root, level, area, and of every key its factors, parity rule and check values.

                例 Example:
                  sscard keys receive --from handed --handed-passphrase fd:3 --root enc-zero:7DD73FF6F8 --area 990100 \\
                      --into own --own-passphrase fd:4 3<handed-passphrase 4<own-passphrase
                """)
        @OptionGroup var site: SiteOptions
        @Option(help: "来源目录 Folder of the set that was handed down.") var from: String
        @Option(help: "下发口令来源 Where the passphrase it was sealed with comes from: fd:N.") var handedPassphrase:
            PassphraseSource
        @Option(help: "根校验值 The root's check value, as the level above told it.") var root: String
        @Option(help: "层级 The own level: province or city.") var level = "city"
        @Option(help: "地区 The own area; that of the policy when none is named.") var area: String?
        @Option(help: "目标目录 Folder of the own key store; nothing is written over.") var into: String
        @Option(help: "本单位口令来源 Where the own passphrase comes from: fd:N.") var ownPassphrase: PassphraseSource
        @Flag(help: "输出 JSON.") var json = false

        func run() throws {
            guard let expected = KeyCheckValue(root) else { throw Faults("forbidden-roots.value", ["value": root]) }
            let site = try Site(site)
            let hierarchy = try site.hierarchy()
            let handed = try SealedKeyStore.open(
                directory: from, passphrase: handedPassphrase.read(sealing: false), mode: site.storeMode(hierarchy))
            let area = area ?? site.policy.area
            guard handed.root == expected, handed.level.rawValue == level, handed.area == area else {
                throw Faults(
                    "keys.handed-down-other",
                    [
                        "name": handed.name, "level": handed.level.rawValue, "area": handed.area,
                        "root": "\(handed.root)",
                    ])
            }
            guard !handed.lineage.isEmpty else { throw Faults("keys.no-lineage", ["name": handed.name]) }
            try handed.checkLineage(hierarchy: hierarchy)
            try KeySetFile.write(handed, into: into, passphrase: ownPassphrase.read(sealing: true))
            try KeySetReport(handed).say(json: json, "已核对并接收 Checked and taken: \(into)/\(SealedKeyStore.fileName)")
        }
    }
}

/// What a key set is, without a key: for a person to compare on both sides.
struct KeySetReport: Encodable {
    let name: String
    let level: String
    let area: String
    let root: String
    let keys: Int
    let derivations: Int
    /// SM3 over all canonical records, one line each: equal on both sides when the records are.
    let lineageDigest: String

    init(_ set: KeySet) throws {
        name = set.name
        level = set.level.rawValue
        area = set.area
        root = set.root.description
        keys = set.identities.count
        derivations = set.lineage.count
        lineageDigest = try set.lineageDigest()
    }

    func say(json: Bool, _ headline: String) throws {
        if json { return try Terminal.say(json: self) }
        Terminal.say(headline)
        Terminal.say("  \(name)  \(level) \(area)  根 root \(root)")
        Terminal.say("  \(keys) 个密钥 keys, \(derivations) 次分散 derivations, SM3 \(lineageDigest)")
    }
}

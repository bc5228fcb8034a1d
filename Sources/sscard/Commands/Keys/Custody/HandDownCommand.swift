import ArgumentParser
import ByteText
import CardData
import IssuerKeys

/// `sscard keys hand-down`: the own key set of a city or province, out of one above it; `receive` takes it there.
struct HandDownCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hand-down",
        abstract: "下发密钥 Derive the keys of a city or province, and seal them in an envelope for its custodian.",
        discussion: """
            信封用 SM2 封给收方保管人，由本级两名保管人签名；收方以 sscard keys receive 核对并接收。
            SM2 seals the envelope for one custodian of the receiver; two of one's own sign it. The receiver checks and takes it with
            sscard keys receive; tell the root's check value by another way.

            例 Example: sscard keys hand-down --keys province --keys-passphrase fd:3 --area 990101 --name city-990101 \\
                --receivers city-roster.json --receiver 2001 --roster roster.json --custodian-key 1001.key --custodian-key 1002.key \\
                --out city.envelope
            """)
    @OptionGroup var site: SiteOptions
    @Option(help: "收方层级 The receiver's level: city or province.") var to = "city"
    @Option(help: "收方地区代码 The receiver's area, six digits.") var area: String
    @Option(help: "密钥库名称 What the receiver's key set will be called.") var name: String
    @Option(help: "收方名册 The receiver's roster of custodians; compare the fingerprints by telephone.") var receivers:
        String
    @Option(help: "收方保管人编号 The custodian there who opens the envelope.") var receiver: UInt64
    @OptionGroup var export: ExportOptions
    @Option(help: "信封文件 The envelope's file; one that is there is never overwritten.") var out: String
    @Flag(help: "输出 JSON.") var json = false

    private struct Report: Encodable {
        let envelope: String
        let name: String
        let area: String
        let root: String
        let keyCount: Int
        let checkList: String
        let level: String
        let derivations: Int
        let lineageDigest: String
        let receiver: String
        let signers: [UInt64]
    }

    func run() throws {
        guard let level = KeyLevel(rawValue: to), level == .city || level == .province else {
            throw Faults("tool.unknown-word", ["word": to, "known": "city province"])
        }
        guard let custodian = try CustodianRoster.read(receivers)[receiver] else {
            throw Faults("key-envelope.no-receiver", ["number": String(receiver), "file": receivers])
        }
        let site = try Site(site)
        let hierarchy = try site.hierarchy()
        let set = try site.keySet(hierarchy).handedDown(
            to: level, area: area, name: name, hierarchy: hierarchy)
        let list = try KeySetCheckList(set)
        let senders = try export.approve(KeyExport(handDown: set, to: custodian), of: site)
        try DurableFile.create(KeyEnvelope.seal(set, to: custodian, signedBy: senders), at: out)
        if json {
            return try Terminal.say(
                json: Report(
                    envelope: out, name: set.name, area: set.area, root: set.root.description,
                    keyCount: list.lines.count, checkList: list.digest.hexadecimal, level: to,
                    derivations: set.lineage.count, lineageDigest: try set.lineageDigest(),
                    receiver: try custodian.fingerprint, signers: senders.map(\.custodian.number)))
        }
        Terminal.say(
            "\(set.name) · \(set.area) · \(list.lines.count) 个密钥 keys · 校验表 check list \(list.digest.hexadecimal)")
        Terminal.say("根 root \(set.root)")
        Terminal.say("已封给 Sealed for \(custodian.name)，公钥指纹 fingerprint \(try custodian.fingerprint)：\(out)")
    }
}

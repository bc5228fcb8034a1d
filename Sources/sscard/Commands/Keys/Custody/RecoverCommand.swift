import ArgumentParser
import CardCryptography
import CardData
import Foundation
import IssuerKeys

/// `sscard keys recover`: the store opened with shares and sealed anew, after its passphrase was lost.
struct RecoverCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recover", abstract: "恢复密钥库 Open a key store with shares and seal it under a new passphrase.",
        discussion: """
            例 Example: sscard keys recover --keys province --backup backup/backup.json \
            --share backup/share-1001.json --custodian-key 1001.key --words ask --store recovered
            """)
    @OptionGroup var site: SiteOptions
    @OptionGroup var shares: ShareOptions
    @OptionGroup var custodians: CustodianOptions
    @OptionGroup var place: KeySetPlace
    @Flag(help: "输出 JSON.") var json = false

    private struct Report: Encodable {
        let name: String
        let root: String
        let keyCount: Int
    }

    func run() throws {
        let site = try Site(site)
        let backup = try StoreBackup.read(shares.backup)
        try place.checkFree()
        let set = try backup.open(
            directory: site.options.keyFolder(), shares: shares.shares(custodians.keys()),
            mode: site.storeMode(site.hierarchy()))
        try place.write(set)
        if json {
            return try Terminal.say(
                json: Report(name: set.name, root: set.root.description, keyCount: backup.keyCount))
        }
        Terminal.say("已恢复 \(set.name)：\(backup.keyCount) 个密钥，校验值全部相符。 Recovered, every check value as it was.")
        Terminal.say("旧份额打不开新封装的文件，请重新制作备份。 The old shares do not open the new file: make a new backup.")
    }
}

/// `sscard keys drill`: recovery tried out, with a signed report.
struct DrillCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drill",
        abstract: "恢复演练 Try the shares on a throw-away copy, compare all check values, sign a report.",
        discussion: """
            例 Example: sscard keys drill --keys province --backup backup/backup.json --share backup/share-1001.json \
            --share backup/share-1002.json --custodian-key 1001.key --custodian-key 1002.key --report drill.json
            报告用 sscard keys transcript verify 核验。 Verify the report with sscard keys transcript verify.
            """)
    @OptionGroup var site: SiteOptions
    @OptionGroup var shares: ShareOptions
    @OptionGroup var custodians: CustodianOptions
    @Option(help: "报告文件 File for the signed report.") var report: String
    @Flag(help: "输出 JSON.") var json = false

    func run() throws {
        let site = try Site(site)
        let backup = try StoreBackup.read(shares.backup)
        let keys = try custodians.keys()
        let start = ContinuousClock.now
        let brought = try shares.shares(keys)
        let scratch = FileManager.default.temporaryDirectory.path + "/sscard-drill-" + UUID().uuidString
        try FileManager.default.makePrivateFolder(scratch)
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        let drill = try RecoveryDrill.hold(
            backup, directory: site.options.keyFolder(), shares: brought, scratch: scratch, witnesses: keys,
            mode: site.storeMode(site.hierarchy()), time: .now,
            elapsed: { UInt64(max(0, (ContinuousClock.now - start) / .milliseconds(1))) })
        try DurableFile.create(drill.fileText, at: report)
        try Self.say(drill, json: json)
    }

    private struct Report: Encodable {
        let isValid = true
        let name: String
        let time: String
        let milliseconds: UInt64
        let keyCount: Int
        let root: String
        let shares: [Int]
        let signers: [UInt64]
    }

    static func say(_ drill: RecoveryDrill, json: Bool) throws {
        if json {
            return try Terminal.say(
                json: Report(
                    name: drill.name, time: drill.time.description, milliseconds: drill.milliseconds,
                    keyCount: drill.keyCount, root: drill.root.description, shares: drill.shares,
                    signers: drill.witnesses.map(\.number)))
        }
        let shares = drill.shares.map(String.init).joined(separator: " ")
        Terminal.say("\(drill.name) · \(drill.time) · 份额 shares \(shares) · \(drill.milliseconds) ms")
        Terminal.say("密钥 \(drill.keyCount) 个，校验值全部相符。 \(drill.keyCount) keys, every check value as it was.")
        for one in drill.witnesses { Terminal.say("  签名 Signed: \(one.number) \(one.name)") }
    }
}

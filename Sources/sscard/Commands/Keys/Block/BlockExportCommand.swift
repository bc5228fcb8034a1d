import ArgumentParser
import CardCryptography
import CardData
import IssuerKeys

/// `sscard keys block export`: one key of the store in a block.
struct BlockExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "导出密钥块 Write one key into a block: only where its flag allows it, and two custodians approve.",
        discussion: """
            例 Example: sscard keys block export --keys own --keys-passphrase fd:3 --key STK --algorithm 01 --version B \\
                --protection-component ask --protection-component ask --roster roster.json \\
                --custodian-key 1001.key --custodian-key 1002.key --out stk.block
            """)

    @OptionGroup var site: SiteOptions
    @Option(help: "密钥名称 The key's name.") var key: String
    @Option(help: "算法 Algorithm: 01 3DES, 03 SM4.") var algorithm = "01"
    @Option(help: "密钥版本 The key's version; the live one when not given.") var keyVersion: Int?
    @Option(help: "密钥块版本 Block version: B, D or 4 (SM4).") var version: String
    @OptionGroup var protection: ProtectionKeyOptions
    @Option(help: "导出标志 The block's flag: N never again, E under a key block, S.") var flag = "N"
    @OptionGroup var export: ExportOptions
    @Option(help: "密钥块文件 The block's file; one that is there is never overwritten.") var out: String
    @Flag(help: "输出 JSON.") var json = false

    private struct Report: Encodable {
        let block: String
        let file: String
        let checkValue: String
        let protection: String
        let approvedBy: [UInt64]
    }

    func run() throws {
        guard let letter = version.first, version.count == 1, let blockVersion = KeyBlockVersion(rawValue: letter)
        else {
            throw KeyBlockError.unknownVersion(version.first ?? " ")
        }
        guard blockVersion.isMade else { throw KeyBlockError.onlyOpened(blockVersion) }
        guard let exportability = flag.first.flatMap(KeyBlockHeader.Exportability.init), flag.count == 1 else {
            throw Faults("tool.unknown-word", ["word": flag, "known": "N E S"])
        }
        guard let algorithm = UInt8(algorithm, radix: 16).flatMap(CardAlgorithm.init(rawValue:)) else {
            throw Faults("tool.unknown-word", ["word": algorithm, "known": "01 03"])
        }
        let site = try Site(site)
        let hierarchy = try site.hierarchy()
        let name = KeyName(rawValue: key)
        guard let known = hierarchy[name] else { throw CardKeyError.unknownKey(name) }
        let number = keyVersion.map(KeyVersion.init) ?? known.live
        guard let number else { throw Faults("key-block.version", ["version": String(keyVersion ?? 0)]) }
        let identity = KeySet.Identity(name: name, algorithm: algorithm, version: number)
        let set = try site.keySet(hierarchy)
        let protection = try protection.key(for: blockVersion)
        let value = protection.checkValue
        let block = try KeyTransport(hierarchy).export(
            identity, from: set, version: blockVersion, protection: protection.bytes, exportability: exportability)
        let asked = try KeyExport(block: identity, from: set, version: version, flag: flag, protection: value)
        let custodians = try export.approve(asked, of: site)
        try DurableFile.create(block + "\n", at: out)
        let report = Report(
            block: block, file: out, checkValue: try set.checkValue(of: identity).description,
            protection: value.description, approvedBy: custodians.map(\.custodian.number))
        if json { return try Terminal.say(json: report) }
        Terminal.say("\(key) \(report.checkValue) · 保护密钥 protection key \(report.protection)：\(out)")
    }
}

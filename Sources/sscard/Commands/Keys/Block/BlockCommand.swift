import ArgumentParser
import CardCryptography
import CardData
import Foundation
import IssuerKeys

/// `sscard keys block`: keys on their way between systems.
struct BlockCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "block", abstract: "密钥块 Show, export and import keys in key blocks (TR-31, ANSI X9.143; SM4).",
        discussion: "例 Example: sscard keys block show stk.block",
        subcommands: [BlockShowCommand.self, BlockExportCommand.self, BlockImportCommand.self])

    /// The text of a block's file, without the line's end; throws `key-block.malformed` for a file that holds no text.
    static func text(_ path: String) throws(Faults) -> String {
        guard let text = String(validating: try DurableFile.readBytes(path), as: UTF8.self) else {
            throw Faults("key-block.malformed", ["what": "text"])
        }
        return text.withPlainLineEnds.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

/// `sscard keys block show`: what a block says of its key, and whether that is authentic.
struct BlockShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "查看密钥块 Show a block's header; with the protection key, whether it is authentic. Never shows the key.",
        discussion:
            "例 Example: sscard keys block show stk.block --protection-component ask --protection-component ask")

    @Argument(help: "密钥块文件 The block's file.") var file: String
    @OptionGroup var protection: ProtectionKeyOptions
    @Flag(help: "输出 JSON.") var json = false

    private struct Report: Encodable {
        let version: String
        let usage: String
        let algorithm: String
        let mode: String
        let keyVersion: String
        let exportability: String
        let blocks: [String: String]
        let authentic: Bool?
    }

    func run() throws {
        let text = try BlockCommand.text(file)
        let header = try KeyBlock.header(of: text)
        var isAuthentic: Bool?
        if !protection.components.isEmpty {
            let key = try protection.key(for: header.version)
            try key.bytes.withSpan { key in _ = try KeyBlock.open(text, protection: key) }
            isAuthentic = true
        }
        let report = Report(
            version: String(header.version.rawValue), usage: header.usage, algorithm: String(header.algorithm),
            mode: String(header.mode), keyVersion: header.keyVersion,
            exportability: String(header.exportability.rawValue),
            blocks: Dictionary(
                header.optionalBlocks.map { ($0.identifier, $0.text) }, uniquingKeysWith: { first, _ in first }),
            authentic: isAuthentic)
        if json { return try Terminal.say(json: report) }
        Terminal.say(
            "版本 version \(report.version)  用途 usage \(report.usage)  算法 algorithm \(report.algorithm)  "
                + "方式 mode \(report.mode)  密钥版本 key version \(report.keyVersion)  导出 export \(report.exportability)")
        for block in header.optionalBlocks { Terminal.say("  \(block.identifier)  \(block.text)") }
        Terminal.say(isAuthentic == true ? "校验相符 authentic" : "未校验 not checked: no protection key given")
    }
}

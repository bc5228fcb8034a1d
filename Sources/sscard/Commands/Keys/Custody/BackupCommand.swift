import ArgumentParser
import CardCryptography
import CardData
import Foundation
import IssuerKeys

/// `sscard keys backup`: the unlock secret of a store, divided among custodians.
struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "分割备份 Divide what opens a key store among custodians, m of n (SLIP-0039).",
        discussion: """
            例 Example: sscard keys backup --keys province --threshold 2 --custodian-key 1001.key \
            --custodian-key 1002.key --custodian-key 1003.key --to backup
            密钥库文件本身也要另存副本。 Keep copies of the store's file too: shares alone open nothing.
            """)
    @OptionGroup var site: SiteOptions
    @Option(help: "门限 How many shares open the store.") var threshold: Int
    @OptionGroup var custodians: CustodianOptions
    @Option(help: "目录 Folder for the record and the share files, to be made.") var to: String
    @Flag(help: "输出 JSON.") var json = false

    private struct Report: Encodable {
        let backup: String
        let threshold: Int
        let shares: [String]
    }

    func run() throws {
        let site = try Site(site)
        let (backup, files) = try StoreBackup.make(
            directory: site.options.keyFolder(), passphrase: site.options.keyPassphrase(), threshold: threshold,
            custodians: custodians.keys(), time: .now, mode: site.storeMode(site.hierarchy()))
        try FileManager.default.makePrivateFolder(to)
        let record = to + "/backup.json"
        try DurableFile.create(backup.fileText, at: record)
        var paths: [String] = []
        for file in files {
            let path = to + "/share-\(file.custodian.number).json"
            try DurableFile.create(file.fileText, at: path)
            paths.append(path)
        }
        if json { return try Terminal.say(json: Report(backup: record, threshold: threshold, shares: paths)) }
        Terminal.say(
            "\(backup.name)：\(files.count) 份，任意 \(threshold) 份可以打开。 \(files.count) shares, any \(threshold) open the store."
        )
        for path in [record] + paths { Terminal.say("  " + path) }
    }
}

/// `sscard keys share-words`: a share as words, for its custodian to write on paper.
struct ShareWordsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "share-words", abstract: "显示份额 Show a share's words to its custodian, to be written on paper.",
        discussion: "例 Example: sscard keys share-words backup/share-1001.json --custodian-key 1001.key")
    @Argument(help: "份额文件 The share's file.") var share: String
    @OptionGroup var custodians: CustodianOptions

    func run() throws {
        let words = try ShareFile.read(share).words(custodians.key())
        words.withUnsafeBytes { Terminal.say(secret: $0) }
    }
}

extension FileManager {
    /// Makes a folder that only its owner can enter, or leaves it as it is.
    ///
    /// Throws `record.not-written`.
    func makePrivateFolder(_ path: String) throws(Faults) {
        do {
            try createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Faults("record.not-written", ["path": path, "reason": "folder"])
        }
    }
}

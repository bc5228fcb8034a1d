import ArgumentParser
import CardCryptography
import CardData
import Foundation
import IssuerKeys

extension CeremonyCommand {
    /// All custodians together at the terminal.
    struct Finish: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "合成密钥 Open all components together, make the sealed key set and sign the transcript.",
            discussion: """
                例 Example: sscard keys ceremony finish --state c.json --custodian-key 1001.key --custodian-key 1002.key \
                --store province --transcript transcript.json
                """)
        @OptionGroup var site: SiteOptions
        @Option(help: "状态文件 The ceremony's state file.") var state: String
        @OptionGroup var custodians: CustodianOptions
        @Option(help: "密钥库目录 Folder for the sealed key set, made when it is not there.") var store: String
        @Option(name: .customLong("store-passphrase"), help: "密钥库口令来源 Where its passphrase comes from: ask or fd:N.")
        var storePassphrase = SecretSource.ask
        @Option(help: "仪式记录文件 File for the signed transcript.") var transcript: String
        @Flag(help: "输出 JSON.") var json = false

        func run() throws {
            let hierarchy = try KeyHierarchy.read(site.homeFolder() + "/Keys/hierarchy.yaml")
            var ceremony = try KeyCeremony.read(state)
            let place = KeySetPlace(folder: store)
            for path in [place.path, transcript] where FileManager.default.fileExists(atPath: path) {
                throw Faults("record.exists", ["path": path])
            }
            let (set, minutes) = try ceremony.finish(custodians.keys(), hierarchy: hierarchy, time: .now)
            let secret = try storePassphrase.newPassphrase(of: set.name)
            try place.write(set, passphrase: secret)
            do {
                try DurableFile.create(minutes.fileText, at: transcript)
            } catch {
                // without its transcript the key set is worth nothing; the components are still in the state file
                place.remove()
                throw error
            }
            try DurableFile.replace(ceremony.stateText, at: state)
            try CeremonyCommand.say(ceremony.record, json: json)
        }
    }
}

/// The folder of a sealed key set that is being made.
struct KeySetPlace {
    let folder: String

    var path: String { folder + "/" + SealedKeyStore.fileName }

    /// Seals a set into the folder, which only its owner can enter; one that holds a set already is left alone.
    ///
    /// Throws `record.exists`, `record.not-written`, and what sealing throws.
    func write(_ set: KeySet, passphrase: borrowing SecretBytes) throws {
        let text = try SealedKeyStore.seal(set, passphrase: passphrase)
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Faults("record.not-written", ["path": folder, "reason": "folder"])
        }
        try DurableFile.create(text, at: path)
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}

import ArgumentParser
import CardCryptography
import CardData
import CardLayout
import Foundation
import IssuerKeys
import Issuing
import Lifecycle
import Registry
import SecretEntry

/// Where files lie; every command takes these options.
struct SiteOptions: ParsableArguments {
    @Option(help: "程序文件目录 Folder that holds CardLayouts/ and Keys/ (or SSCARD_HOME).")
    var home: String?

    @Option(help: "数据目录 Data folder: registry and journals (or SSCARD_DATA; default ./data).")
    var data: String?

    @Option(
        help: """
            密钥 Key store folder, a token pkcs11:token=LABEL?module-path=FILE, or psam:READER for the PSAM in that slot (or \
            SSCARD_KEYS; default HOME/Keys/development).
            """)
    var keys: String?

    @Option(help: "密钥日志目录 Folder of the key log (or SSCARD_KEY_LOG; default DATA/key-log).")
    var keyLog: String?

    @Option(
        help: """
            密钥日志口令来源 Where the passphrase of the key log's checkpoint key comes from: ask or fd:N; when not given, asked \
            for in production, else the public one of the development keys.
            """)
    var keyLogPassphrase: SecretSource?

    @Option(help: "策略文件 The site's policy file (or SSCARD_POLICY; default: the built-in one).")
    var policy: String?

    @Option(
        help: """
            市级策略公钥 The city's SM2 public key that the policy must be signed with (or SSCARD_POLICY_KEY; default \
            HOME/Keys/policy.pub where that is). Production wants one.
            """)
    var policyKey: String?

    @Option(
        name: .customLong("keys-passphrase"),
        help: """
            密钥口令来源 Where the key store's passphrase comes from: ask or fd:N; the public one of the development set when \
            not given. For a token its user PIN.
            """)
    var passphraseDescriptor: String?

    @Option(help: "计数点编号 The counter's number.")
    var counter: UInt64 = 1

    /// The folder that holds `CardLayouts/`: by option, by environment, else the nearest one above the program.
    func homeFolder() throws(Faults) -> String { try ProgramHome.folder(home) }

    /// The city's key that policies are signed with; nil where the site has none.
    func cityKey() throws(Faults) -> SM2.VerificationKey? {
        if let path = policyKey ?? environment("SSCARD_POLICY_KEY") { return try PolicyCommand.publicKey(path) }
        let installed = try homeFolder() + "/Keys/policy.pub"
        return FileManager.default.fileExists(atPath: installed) ? try PolicyCommand.publicKey(installed) : nil
    }

    /// Where the data folder is or will be; nothing is made.
    var dataPath: String { data ?? environment("SSCARD_DATA") ?? "data" }

    /// The data folder for whoever only looks: nothing is made; one for practice is refused.
    func existingDataFolder() throws(Faults) -> String {
        do {
            try RegistryUse.service.claim(folder: dataPath)
        } catch {
            if let faults = Faults(error.faults) { throw faults }
        }
        return dataPath
    }

    /// Whether a registry is in the data folder; one that cannot be looked at counts as there, and opening it tells why.
    var hasRegistry: Bool { access(dataPath + "/registry.sqlite", F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR) }

    /// Throws `tool.data-unnamed` where the environment has the data folder's name and it is empty: a variable that was not set leaves that.
    func checkDataIsNamed() throws(Faults) {
        guard data == nil, ProcessInfo.processInfo.environment["SSCARD_DATA"]?.isEmpty == true else { return }
        throw Faults("tool.data-unnamed")
    }

    /// The data folder, made when it is not there; one for practice is refused before anything is written into it.
    func dataFolder() throws(Faults) -> String {
        try checkDataIsNamed()
        let path = dataPath
        do {
            try RegistryUse.service.claim(folder: path)
        } catch {
            if let faults = Faults(error.faults) { throw faults }
        }
        do {
            try FileManager.default.createDirectory(
                atPath: path + "/journal", withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        } catch {
            throw Faults("tool.data-folder", ["path": path, "reason": error.systemReason(at: path)])
        }
        return path
    }

    /// The folder of the key store.
    func keyFolder() throws(Faults) -> String {
        if let keys = keys ?? environment("SSCARD_KEYS") { return keys }
        return try homeFolder() + "/Keys/development"
    }

    /// The folder of the papers that go with the keys, policy of use and officers: the key store's own, or for keys in a token or
    /// a PSAM the data folder's `keys`.
    func keyPapersFolder() throws(Faults) -> String {
        guard try tokenLocation() == nil, moduleSlot == nil else { return try dataFolder() + "/keys" }
        return try keyFolder()
    }

    /// Where the papers of the site's keys lie.
    func keyPlace(mode: LifecyclePolicy.Mode) throws(Faults) -> KeyPlace {
        KeyPlace(home: try homeFolder(), papers: try keyPapersFolder(), mode: mode)
    }

    /// The folder of the key log; nothing is made.
    var keyLogFolder: String {
        keyLog ?? environment("SSCARD_KEY_LOG") ?? dataPath + "/key-log"
    }

    /// What `psam:` is followed by: a slot's name or a part of it, empty for the only slot with a PSAM; nil for a key store.
    var moduleSlot: String? {
        guard let keys = keys ?? environment("SSCARD_KEYS"), keys.hasPrefix(Self.modulePrefix) else { return nil }
        return String(keys.dropFirst(Self.modulePrefix.count))
    }

    private static let modulePrefix = "psam:"

    /// The passphrase that opens the key store.
    func keyPassphrase() throws(Faults) -> SecretBytes {
        guard let source = passphraseDescriptor else {
            return SecretBytes(copying: Array(DevelopmentKeySet.passphrase.utf8))
        }
        guard let place = SecretSource(argument: source) else {
            throw Faults("tool.unknown-word", ["word": source, "known": "ask fd:N"])
        }
        return try place.passphrase(of: "密钥库 Key store")
    }

    /// The hierarchy of keys.
    func hierarchy() throws(Faults) -> KeyHierarchy { try KeyHierarchy.read(homeFolder() + "/Keys/hierarchy.yaml") }

    /// Layouts, profiles and code tables.
    func library() throws(Faults) -> LayoutLibrary { LayoutLibrary(home: try homeFolder()) }

    func environment(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}

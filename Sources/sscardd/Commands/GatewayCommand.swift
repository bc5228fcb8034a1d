import ArgumentParser
import CardCryptography
import CardData
import IssuerKeys
import Issuing
import RemoteKeyService
import SecretEntry

/// `sscardd gateway`: the gateway in front of a hardware module.
struct GatewayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway", abstract: "加密机前置 The gateway in front of a hardware module.",
        discussion: "例 Example: sscardd gateway check --settings gateway.yaml", subcommands: [Check.self])

    /// `sscardd gateway check`.
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check",
            abstract: "核对前置机 Greet the gateway: both sides show their certificates, and no key is used.",
            discussion: "例 Example: sscardd gateway check --settings gateway.yaml --passphrase ask")
        @Option(help: "前置机配置文件 The file with its address and papers.") var settings: String
        @Option(help: "程序文件目录 Folder that holds Keys/ (or SSCARD_HOME; else the nearest one above the program).")
        var home: String?
        @Option(
            help: "私钥口令来源 Where the passphrase of the own private key comes from: ask or fd:N; none when not given.")
        var passphrase: SecretSource?
        @Flag(help: "输出 JSON.") var json = false

        private struct Report: Encodable {
            let host: String
            let port: UInt16
            let name: String
            let certificateEnds: String?
        }

        func run() throws {
            let gateway = try GatewaySettings.read(settings)
            let hierarchy = try KeyHierarchy.read(ProgramHome.folder(home) + "/Keys/hierarchy.yaml")
            let words = try passphrase?.password(of: "私钥 Private key") ?? SecretBytes(copying: [])
            let end = try RemoteKeyService(file: settings, passphrase: words, hierarchy: hierarchy).greet()
            let report = Report(host: gateway.host, port: gateway.port, name: gateway.name, certificateEnds: end)
            if json { return try Screen.say(json: report) }
            Screen.say("前置机可用 the gateway \(gateway.name) is there, at \(gateway.host):\(gateway.port)")
            if let end { Screen.say("其证书有效期至 its certificate ends \(end.prefix(8)) UTC") }
        }
    }
}

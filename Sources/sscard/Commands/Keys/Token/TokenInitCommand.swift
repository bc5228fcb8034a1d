import ArgumentParser
import IssuerKeys
import SecretEntry

/// `sscard keys token init`: a label and two PINs for an empty token.
struct TokenInitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "初始化令牌 Initialise an empty token: label, officer's PIN, user's PIN.",
        discussion: "例 Example: sscard keys token init --token city-990101")

    @OptionGroup var options: TokenOptions
    @Option(
        name: .customLong("officer-pin"), help: "安全管理员口令来源 Where the security officer's PIN comes from: ask or fd:N.")
    var officerPIN: SecretSource = .ask

    @Flag(help: "输出 JSON.") var json = false

    private struct Report: Encodable {
        let token: String
    }

    func run() throws {
        let location = try options.location()
        try Token.lookForFreeSlot(for: location, launcher: .ownProgram)
        let officer = try officerPIN.newTokenPIN(of: "安全管理员 Security officer")
        let user = try options.pin.newTokenPIN(of: "令牌用户 Token user")
        try Token.initialize(
            location, officerPIN: officer, userPIN: user, launcher: .ownProgram)
        if json { return try Terminal.say(json: Report(token: "\(location)")) }
        Terminal.say("令牌已初始化 Initialised: \(location)")
    }
}

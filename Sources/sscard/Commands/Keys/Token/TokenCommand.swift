import ArgumentParser
import CardCryptography
import CardData
import IssuerKeys
import SecretEntry

/// `sscard keys token`: keys in PKCS#11 tokens.
struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "密码令牌 Keep issuer keys in a PKCS#11 token: initialise, load, try, list.",
        discussion: "例 Example: sscard keys token load --token city-990101 --purpose card-making --area 990101",
        subcommands: [
            TokenListCommand.self,
            TokenInitCommand.self,
            TokenLoadCommand.self,
            TokenProbeCommand.self,
        ])
}

/// Which token, and where its user's PIN comes from.
struct TokenOptions: ParsableArguments {
    @Option(help: "令牌 The token: its label, or pkcs11:token=LABEL?module-path=FILE.") var token: String
    @Option(help: "模块文件 The PKCS#11 module of a token that is named by its label alone.")
    var module = TokenLocation.softHSMModule
    @Option(name: .customLong("token-pin"), help: "令牌用户口令来源 Where the token's user PIN comes from: ask or fd:N.")
    var pin: SecretSource = .ask

    func location() throws(Faults) -> TokenLocation {
        TokenLocation.isLocation(token)
            ? try TokenLocation(token) : try TokenLocation(label: token, modulePath: module)
    }

    /// The token, logged in.
    func open() throws -> Token {
        let location = try location()
        try Token.look(for: location, launcher: .ownProgram)
        return try Token(location, pin: pin.line("令牌口令 Token PIN: "), launcher: .ownProgram)
    }
}

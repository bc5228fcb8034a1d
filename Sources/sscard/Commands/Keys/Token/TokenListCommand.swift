import ArgumentParser
import IssuerKeys
import SecretEntry

/// `sscard keys token list`: tokens in slots, without a PIN; with a PIN what one of them holds.
struct TokenListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "列出令牌 List the tokens of a PKCS#11 module; needs no PIN.",
        discussion: """
            例 Examples:
              sscard keys token list
              sscard keys token list --token city-990101        (its keys; asks for the PIN)
              sscard keys token list --token city-990101 --spend-last-try --officer 1001 --second 2001
            """)

    @Option(help: "模块文件 The PKCS#11 module.") var module = TokenLocation.softHSMModule
    @Option(help: "令牌 A token whose keys are to be listed: label or pkcs11: location.") var token: String?
    @Option(name: .customLong("token-pin"), help: "令牌用户口令来源 Where its user PIN comes from: ask or fd:N.")
    var pin: SecretSource = .ask
    @OptionGroup var officers: OfficerOptions
    @OptionGroup var lastTry: LastTryOptions
    @Flag(help: "输出 JSON.") var json = false

    private struct Row: Encodable {
        let label: String
        let serial: String
        let model: String
        let isInitialized: Bool
        let pin: String
    }

    func run() throws {
        if let token {
            let location =
                TokenLocation.isLocation(token)
                ? try TokenLocation(token) : try TokenLocation(label: token, modulePath: module)
            let spendsLastTry = try lastTry.permission(officers) != nil
            try Token.look(for: location, launcher: .ownProgram, spendsLastTry: spendsLastTry)
            let opened = try Token(
                location, pin: pin.line("令牌口令 Token PIN: "), launcher: .ownProgram, spendsLastTry: spendsLastTry)
            guard let contents = opened.contents else { throw TokenFailure.notLoaded(location.label) }
            return try TokenReport(contents).say(json: json)
        }
        let tokens = try Token.list(modulePath: module, launcher: .ownProgram)
        if json {
            return try Terminal.say(
                json: tokens.map {
                    Row(
                        label: $0.label, serial: $0.serial, model: $0.model, isInitialized: $0.isInitialized,
                        pin: $0.pinState.rawValue)
                })
        }
        var table = Table("令牌 Token", "序列号 Serial", "型号 Model", "口令 PIN")
        for token in tokens {
            table.add(
                token.isInitialized ? token.label : "（空 free）", token.serial, token.model, token.pinState.rawValue)
        }
        Terminal.say(table.text)
    }
}

/// What a token holds.
struct TokenReport: Encodable {
    let name: String
    let level: String
    let area: String
    let root: String
    let purpose: String
    let keys: [String]
    /// Keys that the token keeps and cannot use.
    let opaqueKeys: [String]

    init(_ contents: TokenDescription) {
        name = contents.name
        level = contents.level.rawValue
        area = contents.area
        root = contents.root.description
        purpose = contents.purpose.rawValue
        keys = contents.identities.filter { $0.algorithm == .tripleDES }.map(\.shortText)
        opaqueKeys = contents.identities.filter { $0.algorithm != .tripleDES }.map { "\($0.algorithm) \($0.shortText)" }
    }

    func say(json: Bool) throws {
        if json { return try Terminal.say(json: self) }
        Terminal.say("密钥组 Key set \(name)，\(level) \(area)，根 root \(root)，用途 purpose \(purpose)")
        Terminal.say("3DES \(keys.count)：\(keys.joined(separator: " "))")
        if !opaqueKeys.isEmpty {
            Terminal.say("另有 And \(opaqueKeys.count)：只保存，不能使用 kept as opaque objects, which nothing can use")
        }
    }
}

extension KeySet.Identity {
    /// Name and version: `IRK/1`.
    var shortText: String { "\(name)/\(version)" }
}

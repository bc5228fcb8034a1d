import CardCryptography
import CardData
import IssuerKeys
import Issuing
import Lifecycle
import SecretEntry

extension Site {
    /// The key service over a token, tried and judged by the site's policy.
    func tokenKeys(at location: TokenLocation, _ hierarchy: KeyHierarchy) throws -> TokenKeyService {
        try Token.look(for: location, launcher: .ownProgram)
        let token = try Token(location, pin: options.tokenPIN(), launcher: .ownProgram)
        return try options.keyPlace(mode: policy.mode).tokenKeys(token, hierarchy)
    }

    /// What the site demands of its tokens.
    func tokenPolicy() throws(Faults) -> TokenPolicy {
        try TokenPolicy.read(options.homeFolder() + "/Keys/token-policy.yaml")
    }
}

extension SecretSource {
    private static let shortestTokenPIN = 8

    /// A new PIN of a token, at the terminal typed twice.
    ///
    /// It is as good as the keys, so that it is longer than some tokens ask for; what else a token demands it says itself
    /// (`token.pin-refused`). Throws `token.pin-short` and `token.entries-differ`.
    func newTokenPIN(of whom: String) throws(Faults) -> SecretBytes {
        let first = try line("\(whom) 新令牌口令（至少 \(Self.shortestTokenPIN) 个字符）New token PIN: ")
        guard first.count >= Self.shortestTokenPIN else {
            throw Faults("token.pin-short", ["least": String(Self.shortestTokenPIN)])
        }
        guard case .ask = self else { return first }
        guard first.isEqual(to: try line("\(whom) 请再输入一次 Again: ")) else { throw Faults("token.entries-differ") }
        return first
    }
}

extension SiteOptions {
    /// The token that `--keys` names; nil when it names a folder.
    func tokenLocation() throws(Faults) -> TokenLocation? {
        guard let text = keys ?? environment("SSCARD_KEYS"), TokenLocation.isLocation(text) else { return nil }
        return try TokenLocation(text)
    }

    /// The user's PIN of that token: from a descriptor, else typed.
    func tokenPIN() throws(Faults) -> SecretBytes {
        let text = passphraseDescriptor ?? "ask"
        guard let source = SecretSource(argument: text) else {
            throw Faults("tool.unknown-word", ["word": text, "known": "ask fd:N"])
        }
        return try source.line("令牌口令 Token PIN: ")
    }
}

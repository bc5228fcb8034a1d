import CardCryptography
import CardData
import Foundation
import IssuerKeys
import Lifecycle
import SecretEntry

extension Site {
    /// The key service over a token, tried and judged by the site's policy.
    func tokenKeys(at location: TokenLocation, _ hierarchy: KeyHierarchy) throws -> TokenKeyService {
        let token = try Token(
            location, pin: options.tokenPIN(), launcher: try ModuleLauncher.ownProgram())
        let service = try TokenKeyService(token, hierarchy: hierarchy, policy: tokenPolicy())
        if policy.mode == .production {
            try service.refuse(ForbiddenRoots.read(options.homeFolder() + "/Keys/forbidden-roots.yaml"))
        }
        return service
    }

    /// What the site demands of its tokens.
    func tokenPolicy() throws(Faults) -> TokenPolicy {
        try TokenPolicy.read(options.homeFolder() + "/Keys/token-policy.yaml")
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

    /// The file of this program.
    static func ownPath() throws(Faults) -> String {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
    }
}

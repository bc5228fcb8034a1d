import CardCryptography
import Foundation
import Synchronization
import Testing

@testable import IssuerKeys

/// A SoftHSM2 token in a folder of its own, its module in a process of its own.
struct TestToken: Sendable {
    static let officerPIN = "officer-73914628"
    static let userPIN = "user-46028513"

    /// Holds every token of a test run; removed when the run ends.
    private static let everything: URL = {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sscard-tokens-\(UUID().uuidString)")
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        removal.withLock { $0 = folder }
        atexit { TestToken.removal.withLock { folder in folder.map { try? FileManager.default.removeItem(at: $0) } } }
        return folder
    }()
    private static let removal = Mutex<URL?>(nil)

    let folder: URL
    let location: TokenLocation
    let launcher: ModuleLauncher

    /// An initialised, empty token.
    init(
        modulePath: String = TokenLocation.softHSMModule, environment: [String: String] = [:], channels: Int = 2,
        patience: Int32 = 60_000
    ) throws {
        folder = Self.everything.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(
            at: folder.appending(path: "tokens"), withIntermediateDirectories: true)
        let settings = folder.appending(path: "softhsm2.conf")
        try Data("directories.tokendir = \(folder.path)/tokens\nlog.level = ERROR\n".utf8).write(to: settings)
        location = try TokenLocation(label: "test token", modulePath: modulePath)
        let own = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let built = own.appending(path: "sscard").path
        launcher = ModuleLauncher(
            program: FileManager.default.isExecutableFile(atPath: built)
                ? built : Surroundings.home.appending(path: ".build/debug/sscard").path(percentEncoded: false),
            arguments: ["token-module"],
            environment: environment.merging(["SOFTHSM2_CONF": settings.path]) { $1 }, channels: channels,
            patience: patience)
        try Token.initialize(
            location, officerPIN: Self.secret(Self.officerPIN), userPIN: Self.secret(Self.userPIN), launcher: launcher)
    }

    static func secret(_ text: String) -> SecretBytes { SecretBytes(copying: Array(text.utf8)) }

    /// The token, logged in.
    func open(pin: String = userPIN) throws(TokenFailure) -> Token {
        try Token(location, pin: Self.secret(pin), launcher: launcher)
    }

    /// The token with a key set in it.
    func loaded(_ set: KeySet, purpose: TokenPurpose = .cardMaking, keepsOpaque: Bool = false) throws -> TestToken {
        _ = try open().load(set, purpose: purpose, keepsOpaque: keepsOpaque)
        return self
    }

    /// The key service over it, under a policy that bears what SoftHSM2 does.
    func service(hierarchy: KeyHierarchy? = nil) throws -> TokenKeyService {
        try TokenKeyService(
            open(), hierarchy: hierarchy ?? Surroundings.hierarchy(), policy: TokenPolicy([.derivedKeyRead: .tolerate]))
    }
}

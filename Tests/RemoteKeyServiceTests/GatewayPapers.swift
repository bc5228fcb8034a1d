import CardCryptography
import Foundation
import IssuerKeys
import RemoteKeyService
import Testing

/// Certificates made by the `openssl` program, anew in each run of the tests.
struct GatewayPapers: Sendable {
    static let passphrase = "the words of this counter"
    /// The name that the gateway's certificate is for.
    static let name = "gateway.test"

    /// Made once; removed when the tests end with the temporary folder.
    static let shared = Result { try GatewayPapers() }

    let folder: String

    private init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "gateway-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        folder = url.path(percentEncoded: false)
        for authority in ["centre", "stranger"] {
            try openssl(
                ["req", "-x509"] + Self.newKey + [
                    "-nodes", "-keyout", "\(authority).key", "-out", "\(authority).pem", "-subj", "/CN=\(authority)",
                    "-days", "2",
                ])
        }
        let name = "DNS:\(Self.name),IP:127.0.0.1"
        try issue("gateway", by: "centre", names: name)
        try issue("other-name", by: "centre", names: "DNS:other.test,IP:127.0.0.2")
        try issue("expired-gateway", by: "centre", names: name, days: -1)
        try issue("foreign-gateway", by: "stranger", names: name)
        try issue("counter", by: "centre")
        try issue("expired-counter", by: "centre", days: -1)
        try issue("foreign-counter", by: "stranger")
        try openssl([
            "pkey", "-aes256", "-in", "counter.key", "-out", "counter-sealed.key", "-passout",
            "pass:\(Self.passphrase)",
        ])
        for key in try FileManager.default.contentsOfDirectory(atPath: folder) where key.hasSuffix(".key") {
            chmod(folder + "/" + key, 0o600)
        }
    }

    private static let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]

    private func issue(_ holder: String, by authority: String, names: String? = nil, days: Int = 2) throws {
        try openssl(
            ["req", "-new"] + Self.newKey + [
                "-nodes", "-keyout", "\(holder).key", "-out", "\(holder).csr", "-subj", "/CN=\(holder)",
            ])
        let extensions = names.map { "subjectAltName=\($0)\n" } ?? "basicConstraints=CA:FALSE\n"
        try extensions.write(toFile: path(holder + ".ext"), atomically: false, encoding: .utf8)
        try openssl([
            "x509", "-req", "-in", "\(holder).csr", "-CA", "\(authority).pem", "-CAkey", "\(authority).key",
            "-CAcreateserial", "-days", String(days), "-extfile", "\(holder).ext", "-out", "\(holder).pem",
        ])
    }

    private func openssl(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = arguments
        process.currentDirectoryURL = URL(filePath: folder)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "openssl \(arguments)")
    }

    func path(_ file: String) -> String { folder + "/" + file }

    /// What a counter shows of itself.
    func credentials(
        of holder: String = "counter", key: String? = nil, trusting authority: String = "centre",
        passphrase: String = ""
    ) throws(CardKeyError) -> GatewayCredentials {
        try GatewayCredentials(
            authorities: path(authority + ".pem"), certificate: path(holder + ".pem"),
            privateKey: path(key ?? holder + ".key"), passphrase: SecretBytes(copying: Array(passphrase.utf8)))
    }
}

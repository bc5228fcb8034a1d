import ArgumentParser
import ByteText
import CardCryptography
import CardData
import Foundation
import Lifecycle

/// `sscard lifecycle policy`: the city signs its policy, and everybody can check it.
struct PolicyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "策略 Sign a city's policy file and check its signature.",
        discussion: "例 Example: sscard lifecycle policy verify city.yaml --key city.pub",
        subcommands: [Sign.self, Verify.self])

    struct Sign: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "签名 Write FILE.sig with the city's SM2 signature.",
            discussion: """
                例 Example: sscard lifecycle policy sign city.yaml --key city.key
                私钥 The key is PKCS #8 in DER, of mode 600: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:SM2 \
                -outform DER -out city.key
                """)
        @Argument(help: "策略文件 Policy file.") var file: String
        @Option(help: "私钥文件 File with the SM2 private key.") var key: String
        @Flag(help: "输出 JSON.") var json = false

        func run() throws {
            let policy = try PolicyCommand.bytes(file)
            let version = try PolicyCommand.version(policy, of: file)
            let signing = try Self.key(at: key)
            let signature = try PolicySignature.sign(policy, with: signing)
            do {
                try signature.write(toFile: file + ".sig", atomically: true, encoding: .utf8)
            } catch {
                throw Faults("tool.cannot-write", ["file": file + ".sig"])
            }
            try PolicyCommand.report(file, version, signing.verificationKey, json)
        }

        private static func key(at path: String) throws -> SM2.SigningKey {
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            guard let mode = attributes?[.posixPermissions] as? Int, mode & 0o077 == 0,
                let descriptor = FileHandle(forReadingAtPath: path)
            else { throw Faults("tool.key-file", ["file": path]) }
            let secret = SecretBytes.filling(count: 4096) { span in
                span.withUnsafeMutableBytes { _ = Glibc.read(descriptor.fileDescriptor, $0.baseAddress, $0.count) }
            }
            // DER tells its own length: 30, then 81 and one byte, or one byte.
            let length = secret.withSpan { $0[1] == 0x81 ? Int($0[2]) + 3 : Int($0[1]) + 2 }
            guard length <= secret.count,
                let key = try? secret.withSpan({ try SM2.SigningKey(der: $0.extracting(0..<length)) })
            else { throw Faults("tool.key-file", ["file": path]) }
            return key
        }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "验签 Check FILE.sig with the city's public key; exit code 1 when it is not the city's.",
            discussion: "例 Example: sscard lifecycle policy verify city.yaml --key city.pub")
        @Argument(help: "策略文件 Policy file.") var file: String
        @Option(help: "公钥文件 File with the SM2 public key, SubjectPublicKeyInfo in DER.") var key: String
        @Flag(help: "输出 JSON.") var json = false

        func run() throws {
            let verifying = try PolicyCommand.publicKey(key)
            let version = try PolicyCommand.version(PolicyCommand.bytes(file), of: file)
            try PolicySignature.check(file, by: verifying)
            try PolicyCommand.report(file, version, verifying, json)
        }
    }

    private struct Report: Encodable {
        let file: String
        let version: String
        let key: String
    }

    /// The version of a policy that is right in itself, whoever signed it.
    private static func version(_ policy: [UInt8], of file: String) throws(Faults) -> String {
        guard let text = String(validating: policy, as: UTF8.self) else {
            throw Faults("data-file.not-utf8", ["path": file])
        }
        return try LifecyclePolicy.parse(site: text, file: file).version
    }

    /// A city's public key.
    static func publicKey(_ path: String) throws(Faults) -> SM2.VerificationKey {
        guard let key = try? SM2.VerificationKey(der: try bytes(path)) else {
            throw Faults("tool.key-file", ["file": path])
        }
        return key
    }

    private static func report(_ file: String, _ version: String, _ key: SM2.VerificationKey, _ json: Bool) throws {
        let fingerprint = try HashFunction.sm3.hash(key.point).prefix(8).hexadecimal
        if json { return try Terminal.say(json: Report(file: file, version: version, key: fingerprint)) }
        Terminal.say("策略 policy \(version)  签名 signed by SM2 key \(fingerprint)")
    }

    private static func bytes(_ path: String) throws(Faults) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Faults("tool.unreadable", ["file": path, "reason": FileReason.ofReading(path)])
        }
        guard data.count <= 4 << 20 else { throw Faults("file.too-large", ["file": path, "most": "4"]) }
        return Array(data)
    }
}

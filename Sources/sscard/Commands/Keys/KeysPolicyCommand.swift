import ArgumentParser
import ByteText
import CardCryptography
import CardData
import Foundation
import IssuerKeys
import Issuing
import SecretEntry

extension KeysCommand {
    /// `sscard keys policy`: who may use keys for what.
    struct Policy: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "policy", abstract: "密钥使用策略 Check and sign the policy of key use.",
            discussion: "例 Example: sscard keys policy lint",
            subcommands: [Lint.self, Officer.self, Sign.self, Check.self])

        struct Lint: ParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "检查策略 Tell every fault of the policy of use.",
                discussion: "例 Example: sscard keys policy lint Keys/use-policy.yaml")
            @OptionGroup var site: SiteOptions
            @Argument(help: "策略文件 The file; that of the site when none is named.") var path: String?
            @Flag(help: "输出 JSON.") var json = false

            func run() throws {
                let path = try path ?? KeyRoom.policyPath(site)
                let hierarchy = try site.hierarchy()
                let policy = try UsePolicy.read(path, hierarchy: hierarchy)
                if json { return try Terminal.say(json: ["path": path, "version": policy.version]) }
                Terminal.say("\(path)  \(policy.version)  无误 no fault")
            }
        }

        struct Officer: ParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "新建审批人密钥 Make the key with which an officer signs; prints the line for officers.yaml.",
                discussion: "例 Example: sscard keys policy officer 2001 --to 2001.key")
            @Argument(help: "审批人编号 The officer's number.") var officer: String
            @Option(help: "新文件 The new file, sealed; one that is there is never overwritten.") var to: String
            @Option(help: "口令来源 Where its passphrase comes from: ask or fd:N.") var passphrase = SecretSource.ask
            @Flag(help: "输出 JSON.") var json = false

            func run() throws {
                let key = try OfficerKey.make(officer)
                try DurableFile.create(key.fileText(passphrase: passphrase.newPassphrase(of: officer)), at: to)
                if json {
                    return try Terminal.say(json: ["officer": officer, "key": key.verificationKey.point.hexadecimal])
                }
                Terminal.say("  \"\(officer)\": \(key.verificationKey.point.hexadecimal)")
            }
        }

        struct Sign: ParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "签署策略 Sign the policy as one of two officers.",
                discussion: "例 Example: sscard keys policy sign KEYS/use-policy.yaml --officer-key 2001.key")
            @Argument(help: "策略文件 The policy's file.") var path: String
            @OptionGroup var signer: OfficerKeyOptions
            @Flag(help: "输出 JSON.") var json = false

            func run() throws {
                let key = try signer.key()
                let officer = key.officer
                let signature = try key.signPolicy(path)
                let file = SignedUsePolicy.signaturePath(of: path)
                var lines = ["signatures:"]
                if FileManager.default.fileExists(atPath: file) {
                    for entry in try DataFile.read(file).required("signatures").mapping where entry.key != officer {
                        lines.append("  \"\(entry.key)\": \(try entry.value.string)")
                    }
                }
                lines.append("  \"\(officer)\": \(signature.hexadecimal)")
                try Data((lines.joined(separator: "\n") + "\n").utf8).write(
                    to: URL(fileURLWithPath: file), options: .atomic)
                if json { return try Terminal.say(json: ["signatures": file, "officer": officer]) }
                Terminal.say("\(file)  \(officer)  已签署 signed")
            }
        }

        struct Check: ParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "核对签名 Check that two officers have signed the policy, as production does.",
                discussion: "例 Example: sscard keys policy check --keys KEYS")
            @OptionGroup var site: SiteOptions
            @Flag(help: "输出 JSON.") var json = false

            func run() throws {
                let path = try KeyRoom.policyPath(site)
                try SignedUsePolicy.check(
                    path, officers: ApprovingOfficers.read(site.keyFolder() + "/officers.yaml"))
                if json { return try Terminal.say(json: ["path": path]) }
                Terminal.say("\(path)  已有两人签署 signed by two officers")
            }
        }
    }
}

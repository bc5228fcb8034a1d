import ArgumentParser
import ByteText
import CardApplication
import CardCryptography
import CardData
import IssuerKeys

/// What is told of a card's public key.
struct PublicKeyReport: Encodable {
    let publicKey: String
    let fingerprint: String
    let file: String?

    /// Writes the key in PEM where a file is named, and tells it.
    static func tell(_ key: SM2.VerificationKey, out: String?, json: Bool) throws {
        if let out { try DurableFile.create(String(decoding: key.pem(), as: UTF8.self), at: out) }
        let report = PublicKeyReport(
            publicKey: key.point.hexadecimal,
            fingerprint: Array(try HashFunction.sm3.hash(key.point).prefix(8)).hexadecimal, file: out)
        if json { return try Terminal.say(json: report) }
        Terminal.say("公钥 public key \(report.publicKey)")
        Terminal.say("指纹 fingerprint \(report.fingerprint)" + (out.map { "  \($0)" } ?? ""))
    }
}

/// `sscard card public-key make`: the card makes a pair under the issuer's update key.
struct PublicKeyMakeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "make", abstract: "生成 Have the card make an SM2 key pair, under the issuer's update key.",
        discussion: "例 Example: sscard card public-key make --out card.pub.pem")
    @OptionGroup var access: CardAccess
    @Flag(help: "替换卡上已有的密钥对 Replace a pair that is there; certificates of it become worthless.") var replace = false
    @Option(help: "公钥文件 File for the public key, PEM; one that is there is never overwritten.") var out: String?
    @Flag(help: "输出 JSON.") var json = false

    func run() async throws {
        let key = try await access.withKeyPair(changing: true) { pair, _, _ in try pair.make(replacing: replace) }
        try PublicKeyReport.tell(key, out: out, json: json)
    }
}

/// `sscard card public-key show`: the public half.
struct PublicKeyShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "查看公钥 Show the card's public key.",
        discussion: "例 Example: sscard card public-key show --out card.pub.pem")
    @OptionGroup var access: CardAccess
    @Option(help: "公钥文件 File for the public key, PEM; one that is there is never overwritten.") var out: String?
    @Flag(help: "输出 JSON.") var json = false

    func run() async throws {
        let key = try await access.withKeyPair { pair, _, _ in try pair.read() }
        try PublicKeyReport.tell(key, out: out, json: json)
    }
}

import ArgumentParser
import ByteText
import CardApplication
import CardCryptography
import CardData
import IssuerKeys

/// `sscard card public-key sign`: the card signs a file with the holder's PIN.
struct PublicKeySignCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign", abstract: "签名 Have the card sign a file (SM2 with SM3) with the holder's PIN.",
        discussion: "例 Example: sscard card public-key sign letter.txt --pin ask --out letter.sig")
    @OptionGroup var access: CardAccess
    @Argument(help: "被签文件 The file to sign.") var file: String
    @OptionGroup var identifier: SignerIdentifier
    @Flag(help: "写 DER 而不是 r‖s Write DER instead of r ‖ s, both in hexadecimal digits.") var der = false
    @Option(help: "签名文件 The signature's file; one that is there is never overwritten.") var out: String
    @Flag(help: "输出 JSON.") var json = false

    private struct Report: Encodable {
        let file: String
        let signature: String
        let identifier: String
    }

    func run() async throws {
        let pin = try access.holderPIN()
        let identifierBytes = try identifier.bytes
        let message = try InputFile.read(file)
        let signature = try await access.withKeyPair(pin: pin) { pair, _, _ in
            try pair.sign(message, identifier: identifierBytes)
        }
        let text = der ? try SM2.derSignature(signature).hexadecimal : signature.hexadecimal
        try DurableFile.create(text + "\n", at: out)
        if json {
            return try Terminal.say(json: Report(file: out, signature: text, identifier: identifier.text))
        }
        Terminal.say("签名 signature: \(out)")
    }
}

/// `sscard card public-key verify`: whether a signature is a key's, without a secret.
struct PublicKeyVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "验签 Check a signature against a public key, of a file or of the card in the reader.",
        discussion: "例 Example: sscard card public-key verify letter.txt --signature letter.sig --key card.pub.pem")
    @OptionGroup var access: CardAccess
    @Argument(help: "被签文件 The file that was signed.") var file: String
    @Option(help: "签名文件 The signature's file, hexadecimal digits.") var signature: String
    @Option(help: "公钥文件 The public key, PEM; the card's own when none is named.") var key: String?
    @OptionGroup var identifier: SignerIdentifier
    @Flag(help: "输出 JSON.") var json = false

    func run() async throws {
        let identifierBytes = try identifier.bytes
        let message = try InputFile.read(file)
        let raw = try signatureBytes()
        let key = try await publicKey()
        guard try key.verify(raw, of: message, identifier: identifierBytes) else { throw Faults("public-key.other") }
        if json { return try Terminal.say(json: ["valid": true]) }
        Terminal.say("签名有效 the signature holds")
    }

    private func publicKey() async throws -> SM2.VerificationKey {
        guard let key else { return try await access.withKeyPair { pair, _, _ in try pair.read() } }
        let pem = try InputFile.read(key)
        do throws(CryptographyError) {
            return try SM2.VerificationKey(pem: pem)
        } catch {
            throw Faults("public-key.file", ["file": key])
        }
    }

    /// r ‖ s of the file, which has them as they are or in DER.
    private func signatureBytes() throws(Faults) -> [UInt8] {
        let text = String(decoding: try InputFile.read(signature), as: UTF8.self)
        guard let bytes = [UInt8](hexadecimal: text.filter { !$0.isWhitespace }) else {
            throw Faults("public-key.signature", ["file": signature])
        }
        if bytes.count == 64 { return bytes }
        do throws(CryptographyError) {
            return try SM2.rawSignature(bytes)
        } catch {
            throw Faults("public-key.signature", ["file": signature])
        }
    }
}

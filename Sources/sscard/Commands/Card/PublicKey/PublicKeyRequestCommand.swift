import ArgumentParser
import ByteText
import CardApplication
import CardCryptography
import CardData
import CardLayout
import ISO7816
import IssuerKeys
import Issuing

/// `sscard card public-key request`: a certificate request over the card's key, signed by the card.
struct PublicKeyRequestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request",
        abstract: "证书申请 Write a certificate request (PKCS #10, SM2 with SM3) that the card signs with its PIN.",
        discussion: """
            姓名、社会保障号码从卡上读出，地区为本网点的。Name and citizen number are read from the card, the area is the site's.

            例 Examples:
              sscard card public-key request --pin ask --out card.csr
              openssl req -verify -in card.csr -noout -vfyopt distid:1234567812345678
            """)
    @OptionGroup var access: CardAccess
    @Option(help: "申请文件 The request's file, PEM; one that is there is never overwritten.") var out: String
    @Flag(help: "输出 JSON.") var json = false

    private struct Report: Encodable {
        let file: String
        let publicKey: String
    }

    func run() async throws {
        let pin = try access.holderPIN()
        let area = try Site(access.site).area
        let (text, point) = try await access.withKeyPair(pin: pin) { pair, conversation, compiled in
            let key = try pair.read()
            let readings = try CardReader(conversation, compiled, presentsKeys: true).read(directories: ["SSSE"])
            let content = CardDump(
                layoutName: compiled.layout.name, answerToReset: conversation.answerToReset.bytes, readings: readings
            ).content(by: compiled.layout)
            guard let name = content.text(of: "name"), let number = content.text(of: "citizenNumber") else {
                throw Faults("card.not-personalized")
            }
            let request = try CertificateRequest(
                [.country("CN"), .locality(area), .commonName(name), .serialNumber(number)], key: key)
            let signature = try pair.sign(request.signedBytes, identifier: SM2.defaultIdentifier)
            return (try request.pem(signature: signature), key.point)
        }
        try DurableFile.create(text, at: out)
        if json { return try Terminal.say(json: Report(file: out, publicKey: point.hexadecimal)) }
        Terminal.say("证书申请 certificate request: \(out)")
    }
}

extension CardContent {
    /// The text of the first element of that name; nil where the card's answer has none.
    fileprivate func text(of name: String) -> String? {
        for directory in directories {
            for file in directory.files {
                if case .elements(let values) = file.content, let value = values.first(where: { $0.name == name }) {
                    return value.value.text
                }
            }
        }
        return nil
    }
}

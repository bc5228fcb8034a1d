import ByteText
import CardCryptography
import Foundation
import IssuerKeys
import Testing

@testable import CardApplication

/// One session of `Fixtures/globalplatform/sessions.json`: recorded from a card, or computed with other programs.
struct RecordedSession: Decodable, Sendable, CustomStringConvertible {
    struct Exchange: Decodable, Sendable {
        let plain: String
        let protected: String
        let answer: String?
        let plainAnswer: String?
    }

    let name: String
    let keys: [String]
    let initializeUpdate: String
    let answer: String
    let externalAuthentication: String
    let exchanges: [Exchange]

    var description: String { name }

    static func all() throws -> [RecordedSession] {
        struct File: Decodable { let sessions: [RecordedSession] }
        let path = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../Fixtures/globalplatform/sessions.json").standardizedFileURL
        return try JSONDecoder().decode(File.self, from: Data(contentsOf: path)).sessions
    }

    var hostChallenge: [UInt8] { get throws { Array(try bytes(initializeUpdate).dropFirst(5).dropLast()) } }
    var keyVersion: UInt8 { get throws { try bytes(initializeUpdate)[2] } }

    var level: SecureChannelLevel {
        get throws { try #require(SecureChannelLevel(rawValue: bytes(externalAuthentication)[2])) }
    }

    /// i of SCP02 is in no answer; the recorded card's exchange is that of 15.
    var parsedAnswer: InitializeUpdateAnswer {
        get throws { try InitializeUpdateAnswer(bytes: bytes(answer), scp02Parameter: 0x15) }
    }

    func service(changing key: Int? = nil) throws -> SoftwareGlobalPlatformKeys {
        var values = try keys.map(bytes)
        if let key { values[key][0] ^= 0x02 }
        let answer = try parsedAnswer
        return SoftwareGlobalPlatformKeys([
            try GlobalPlatformKeySet(
                name: "ISD", version: answer.keyVersion, for: answer.channelProtocol.version,
                encryption: SecretBytes(copying: values[0]), mac: SecretBytes(copying: values[1]),
                dataEncryption: SecretBytes(copying: values[2]))
        ])
    }

    var settings: GlobalPlatformChannel.Settings {
        get throws {
            try #require(
                GlobalPlatformChannel.Settings(
                    keySet: "ISD", keyVersion: keyVersion, channelProtocol: parsedAnswer.channelProtocol,
                    level: level))
        }
    }

    /// The exchange up to a command, as a card that expects exactly this.
    func script(commands count: Int) -> [(command: String, response: String)] {
        var script = [(initializeUpdate, answer + "9000"), (externalAuthentication, "9000")]
        // a refusal carries no MAC, so it can stand for answers that nobody recorded
        script += exchanges.prefix(count).map { ($0.protected, $0.answer ?? "6A88") }
        return script
    }
}

import ByteText
import Foundation

/// One file of `Fixtures/vectors`: published test vectors with where they come from.
struct VectorFile: Decodable, Sendable {
    let source: String
    let cases: [Vector]

    /// Every file of the folder, by name.
    static func all() throws -> [(name: String, file: VectorFile)] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Fixtures/vectors").standardizedFileURL
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "json" }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
            .map { ($0.lastPathComponent, try JSONDecoder().decode(VectorFile.self, from: Data(contentsOf: $0))) }
    }
}

/// One vector, its bytes as hexadecimal text; the operation says which fields it has.
struct Vector: Decodable, Sendable {
    let op: String
    let name: String
    var cipher: String?
    var mode: String?
    var alg: String?
    var method: String?
    var padding: Int?
    var iterations: Int?
    var result: String?
    var odd_parity: Bool?
    var n: UInt64?
    var r: Text?
    var p: UInt64?
    var key: String?
    var key2: String?
    var iv: String?
    var msg: String?
    var mac: String?
    var digest: String?
    var plaintext: String?
    var ciphertext: String?
    var password: String?
    var salt: String?
    var ikm: String?
    var info: String?
    var output: String?
    var kcv: String?
    var master: String?
    var factors: [String]?
    var components: [String]?
    var session_input: String?
    var session_key: String?
    var udk: String?
    var atc: String?
    var challenge: String?
    var header: String?
    var macs: [PurseMAC]?
    var public_key: String?
    var private_key: String?
    var id: String?
    var s: String?
    var e: String?
    var sig_der: String?

    struct PurseMAC: Decodable, Sendable {
        let data: String
        let mac: String
    }

    /// scrypt's r is a number, a signature's r hexadecimal text.
    enum Text: Decodable, Sendable {
        case number(UInt64)
        case hexadecimal(String)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(UInt64.self) {
                self = .number(number)
            } else {
                self = .hexadecimal(try container.decode(String.self))
            }
        }
    }
}

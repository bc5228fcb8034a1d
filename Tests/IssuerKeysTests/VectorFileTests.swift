import CardData
import Foundation
import Testing

@testable import IssuerKeys

@Suite struct VectorFileTests {
    private static func paths() throws -> [URL] {
        let folder = Surroundings.home.appending(path: "Fixtures/vectors")
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "json" }.sorted { $0.lastPathComponent < $1.lastPathComponent }
    }

    private func file(_ path: URL) throws -> VectorFile {
        try VectorFile(Array(Data(contentsOf: path)), file: path.lastPathComponent)
    }

    private func vector(_ json: String) throws -> Vector {
        try #require(VectorFile(Array("{\"cases\": [\(json)]}".utf8), file: "x").cases.first)
    }

    @Test func `every case of every published file passes`() throws {
        var counts: [String: Int] = [:]
        for path in try Self.paths() {
            for vector in try file(path).cases {
                #expect(throws: Never.self, "\(path.lastPathComponent): \(vector.name)") { try vector.check() }
                counts[vector.operation, default: 0] += 1
            }
        }
        #expect(
            counts == [
                "block": 83, "mac": 59, "hash": 8, "hmac": 24, "kdf": 15, "keywrap": 33, "pboc": 3, "pbocscript": 1,
                "tac": 1,
                "cos-cryptogram": 7, "cos-mac": 8, "cos-command": 5, "diversify": 5, "kcv": 9, "xor": 1, "slip39": 8,
                "sm2sign": 1, "sm2verify": 4, "sm2enc": 2, "sm2kex": 1,
            ])
    }

    /// What comes out of an operation, by the names of the files.
    private static let results: Set = [
        "ciphertext", "mac", "digest", "output", "key", "kcv", "session_key", "za", "K", "SA", "SB", "ZA", "c1c3c2",
        "secret",
    ]

    @Test func `a changed result fails, whatever the operation`() throws {
        var seen: Set<String> = []
        for path in try Self.paths() {
            let contents = try JSONSerialization.jsonObject(with: Data(contentsOf: path)) as? [String: Any]
            for var fields in contents?["cases"] as? [[String: Any]] ?? [] {
                let operation = fields["op"] as? String ?? ""
                guard fields["result"] as? String != "invalid", fields["result"] as? String != "acceptable" else {
                    continue
                }
                let isDerived = ["diversify", "xor"].contains(operation)
                for name in Self.results where name != "key" || isDerived {
                    guard let text = fields[name] as? String, let last = text.last else { continue }
                    let original = fields
                    fields[name] = text.dropLast() + (last == "0" ? "1" : "0")
                    let data = try JSONSerialization.data(withJSONObject: ["cases": [fields]])
                    let changed = try #require(try VectorFile(Array(data), file: "x").cases.first)
                    #expect(throws: VectorFailure.self, "\(operation) \(name)") { try changed.check() }
                    seen.insert(operation)
                    fields = original
                }
            }
        }
        #expect(seen.isSuperset(of: ["block", "mac", "hash", "hmac", "kdf", "kcv", "diversify", "xor", "sm2kex"]))
    }

    @Test func `an operation, cipher, mode or algorithm that is not known is a failure`() throws {
        for json in [
            #"{"op": "blink", "name": "x"}"#, #"{"name": "x"}"#,
            #"{"op": "block", "cipher": "RC4", "key": "00", "plaintext": "", "ciphertext": ""}"#,
            #"{"op": "block", "cipher": "SM4", "mode": "GCM", "key": "0123456789abcdeffedcba9876543210", "plaintext": "", "ciphertext": ""}"#,
            #"{"op": "mac", "cipher": "SM4", "alg": "poly", "key": "0123456789abcdeffedcba9876543210", "msg": "", "mac": "00"}"#,
            #"{"op": "hash", "alg": "MD5", "msg": "", "digest": ""}"#,
            #"{"op": "kdf", "alg": "argon2", "salt": "", "output": "00"}"#,
            #"{"op": "keywrap", "alg": "DES-KW", "key": "", "msg": "", "ct": ""}"#,
            #"{"op": "kcv", "cipher": "SM4", "method": "enc-two", "key": "0123456789abcdeffedcba9876543210", "kcv": "00"}"#,
        ] {
            let vector = try vector(json)
            let failure = #expect(throws: VectorFailure.self) { try vector.check() }
            guard case .unknown = failure else {
                Issue.record("\(json): \(String(describing: failure))")
                continue
            }
        }
    }

    @Test func `a case without what it needs fails, and so does what only begins with the result`() throws {
        for json in [
            #"{"op": "hash", "alg": "SM3", "digest": "66c7f0f4"}"#,
            #"{"op": "hash", "alg": "SM3", "msg": "6g", "digest": ""}"#,
            #"{"op": "hash", "alg": "SM3", "msg": "616263", "digest": "66c7f0f4"}"#,
            #"{"op": "mac", "cipher": "SM4", "alg": "cbc-mac", "key": "0123456789abcdeffedcba9876543210", "msg": "", "mac": ""}"#,
            #"{"op": "hash", "alg": "SM3", "msg": 5, "digest": []}"#,
        ] {
            let vector = try vector(json)
            #expect(throws: VectorFailure.self, "\(json)") { try vector.check() }
        }
    }

    @Test(arguments: ["", "[]", "{}", #"{"cases": []}"#, #"{"cases": [1]}"#, "\u{0}"])
    func `what is no file of vectors is told so`(text: String) {
        #expect(codes { _ = try VectorFile(Array(text.utf8), file: "x") } == ["vectors.malformed"])
    }
}

import CardCryptography
import Foundation
import Testing

@testable import IssuerKeys

/// One vector on keys; each file of `Fixtures/vectors` names its source.
private struct Vector: Decodable {
    let op: String
    let name: String
    var cipher: String?
    var method: String?
    var odd_parity: Bool?
    var master: String?
    var factors: [String]?
    var key: String?
    var kcv: String?

    static func all(_ op: String) throws -> [Vector] {
        struct File: Decodable { let cases: [Vector] }
        let folder = Surroundings.home.appending(path: "Fixtures/vectors")
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "json" }
            .flatMap { try JSONDecoder().decode(File.self, from: Data(contentsOf: $0)).cases }
            .filter { $0.op == op }
    }
}

@Suite struct DiversificationTests {
    private func derive(
        _ cipher: CardCipher, _ master: String, _ factors: [String], _ parity: KeyParity = .none
    ) throws -> [UInt8] {
        let factors = try factors.map { try #require(DiversificationFactor(bytes($0))) }
        let master = try SecretBytes(copying: bytes(master))
        return try Diversification.derive(from: master, cipher: cipher, factors: factors, parity: parity)
            .unprotectedCopy()
    }

    @Test func `one, two and three levels give the keys of the vectors`() throws {
        let vectors = try Vector.all("diversify")
        #expect(vectors.count == 5)
        for vector in vectors {
            let derived = try derive(
                vector.cipher == "SM4" ? .sm4 : .tripleDES, #require(vector.master), #require(vector.factors),
                vector.odd_parity == true ? .odd : .none)
            #expect(try derived == bytes(#require(vector.key)), "\(vector.name)")
        }
    }

    @Test(arguments: [
        // TimeCOS manual twice, an FMCOS script (the paper on COS dialects, section 5)
        ("70E9BEA697723DF83605EBBCB7C2C7C4", "1998081700000030", "C8F0AA9765F6755FC1784BB1F3559F89"),
        ("D3D6E8836832FDD4706D0671BB8BD28B", "1998081700000030", "AAB15E015AD3AD2DC520583AAD8562C4"),
        ("00112233445566778899AABBCCDDEEFF", "1122334455667788", "496BD7A3513644533100B54E71196528"),
    ])
    func `manuals and scripts diversify alike`(master: String, factor: String, key: String) throws {
        #expect(try derive(.tripleDES, master, [factor]) == bytes(key))
    }

    @Test func `two levels are one level twice`() throws {
        for cipher in CardCipher.allCases {
            let master = "0123456789ABCDEFFEDCBA9876543210"
            let first = try derive(cipher, master, ["3939303130307378"])
            let second = try derive(cipher, first.hexadecimalText, ["9901000000000001"])
            #expect(try derive(cipher, master, ["3939303130307378", "9901000000000001"]) == second)
        }
    }

    @Test func `SM4 keys have no parity`() throws {
        let factors = ["5678123456789101"]
        let master = "0123456789ABCDEFFEDCBA9876543210"
        #expect(try derive(.sm4, master, factors, .odd) == derive(.sm4, master, factors, .none))
        #expect(try derive(.tripleDES, master, factors, .odd) != derive(.tripleDES, master, factors, .none))
    }

    @Test func `the factor of a city is its code and sx`() throws {
        // drivers of the social security system: six ASCII digits, then 73 78
        #expect(try AreaFactor.city("990100")?.bytes == bytes("3939303130307378"))
        #expect(AreaFactor.city("99010") == nil)
        #expect(AreaFactor.city("99010A") == nil)
        #expect(AreaFactor.city("９９０１００") == nil)
    }

    @Test func `a factor has eight bytes`() {
        #expect(DiversificationFactor([1, 2, 3]) == nil)
        #expect(DiversificationFactor([UInt8](repeating: 1, count: 9)) == nil)
        #expect(DiversificationFactor([1, 2, 3, 4, 5, 6, 7, 8])?.description == "0102030405060708")
    }
}

@Suite struct KeyCheckValueTests {
    @Test func `check values are those of the vectors, by method`() throws {
        let vectors = try Vector.all("kcv")
        #expect(vectors.count == 9)
        for vector in vectors {
            let key = try bytes(#require(vector.key))
            let method = try #require(vector.method.flatMap(KeyCheckValue.Method.init(rawValue:)))
            let cipher: BlockCipher =
                switch vector.cipher {
                case "SM4": .sm4
                case "AES": .aes128
                default: .tripleDES
                }
            let expected = try bytes(#require(vector.kcv))
            let value = try KeyCheckValue(method, of: key.span, cipher: cipher, count: expected.count)
            #expect(value.bytes == expected, "\(vector.name)")
        }
    }

    @Test func `values of different methods are not equal, whatever their bytes`() {
        #expect(
            KeyCheckValue(method: .encryptedZeros, bytes: [1, 2, 3])
                != KeyCheckValue(method: .cmacOfZeros, bytes: [1, 2, 3]))
    }

    @Test func `a value is written with its method and read again`() {
        let value = KeyCheckValue(method: .encryptedZeros, bytes: [0x08, 0xD7, 0xB4])
        #expect(value.description == "enc-zero:08D7B4")
        #expect(KeyCheckValue("enc-zero:08D7B4") == value)
        for text in ["08D7B4", "enc-two:08D7B4", "enc-zero:08D7", "enc-zero:08D7B4112233", "enc-zero:"] {
            #expect(KeyCheckValue(text) == nil)
        }
    }

    @Test func `a check value tells no more than five bytes`() {
        #expect(throws: CryptographyError.wrongLength("check value", 8)) {
            try KeyCheckValue(of: [UInt8](repeating: 1, count: 16).span, cipher: .sm4, count: 8)
        }
    }
}

extension [UInt8] {
    fileprivate var hexadecimalText: String { map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}

import CardCryptography
import CardData
import Foundation
import Testing

@testable import IssuerKeys

@Suite struct SecretSharingTests {
    private struct Vectors: Decodable {
        struct Case: Decodable {
            let name: String
            let mnemonics: [String]
            let secret: String
        }

        let cases: [Case]
    }

    private func share(_ words: String) throws -> SecretShare { try SecretShare(words: Array(words.utf8).span) }

    private func words(_ share: SecretShare) throws -> String {
        String(decoding: try share.words().unprotectedCopy(), as: UTF8.self)
    }

    private func gives(_ shares: [SecretShare]) throws -> Bool {
        try SecretSharing.combine(shares).isEqual(to: secret)
    }

    private var secret: SecretBytes { SecretBytes(copying: Array(0..<32)) }

    @Test func `every published vector of SLIP-0039 gives its secret, or is refused as it must be`() throws {
        let path = Surroundings.home.appending(path: "Fixtures/vectors/shamir_slip39.json")
        let vectors = try JSONDecoder().decode(Vectors.self, from: Data(contentsOf: path)).cases
        #expect(vectors.count == 8)
        var refused = 0
        for vector in vectors {
            let result = Result<[UInt8], any Error> {
                try SecretSharing.combine(vector.mnemonics.map(share), passphrase: Array("TREZOR".utf8))
                    .unprotectedCopy()
            }
            guard vector.secret.isEmpty else {
                #expect(try result.get() == bytes(vector.secret), "\(vector.name)")
                // what was read is written in the same words
                for mnemonic in vector.mnemonics { #expect(try words(share(mnemonic)) == mnemonic) }
                continue
            }
            refused += 1
            #expect(codes { _ = try result.get() }.allSatisfy { $0.hasPrefix("share.") }, "\(vector.name)")
            #expect(throws: (any Error).self) { try result.get() }
        }
        #expect(refused == 3)
    }

    @Test func `the word list is that of the standard`() throws {
        let words = ShareWordList.words.map { String(decoding: $0, as: UTF8.self) }
        #expect(words.count == 1024 && words == words.sorted())
        #expect(Set(words.map { $0.prefix(4) }).count == 1024)
        // SHA-256 of the list of PyPI's shamir-mnemonic 0.3.0
        let text = words.map { $0 + "\n" }.joined()
        #expect(
            try HashFunction.sha256.hash(Array(text.utf8))
                == bytes("bcc4555340332d169718aed8bf31dd9d5248cb7da6e5d355140ef4f1e601eec3"))
    }

    @Test(arguments: [(2, 2), (2, 3), (3, 5), (5, 5), (16, 16)])
    func `any threshold of shares gives the secret, in any order`(threshold: Int, count: Int) throws {
        let shares = try SecretSharing.split(secret, threshold: threshold, count: count)
        #expect(shares.map(\.number) == Array(1...count))
        #expect(Set(shares.map(\.identifier)).count == 1)
        for start in 0..<count {
            let chosen = (0..<threshold).map { shares[(start + $0) % count] }.reversed()
            #expect(try gives(Array(chosen)))
        }
        #expect(try gives(shares), "all of them")
        #expect(
            codes { _ = try SecretSharing.combine(Array(shares.dropFirst(count - threshold + 1))) }
                == ["share.too-few"])
    }

    @Test func `a share survives its words, and any one changed word is noticed`() throws {
        let shares = try SecretSharing.split(secret, threshold: 2, count: 3)
        let text = try words(shares[1])
        #expect(text.split(separator: " ").count == 33)
        let read = try share("  " + text.uppercased().replacingOccurrences(of: " ", with: "\n"))
        #expect(read.number == 2 && read.threshold == 2 && read.identifier == shares[0].identifier)
        #expect(try gives([shares[0], read]))
        for place in 0..<33 {
            var list = text.split(separator: " ").map(String.init)
            let index = try #require(ShareWordList.words.firstIndex(of: Array(list[place].utf8)))
            list[place] = String(decoding: ShareWordList.words[(index + 1) % 1024], as: UTF8.self)
            #expect(codes { _ = try share(list.joined(separator: " ")) } == ["share.checksum"])
        }
        #expect(codes { _ = try share(text + " zebra") } == ["share.unknown-word"])
        #expect(codes { _ = try share("academic acid") } == ["share.word-count"])
        #expect(codes { _ = try share(text + " academic") } == ["share.word-count"])
    }

    @Test func `shares of another division, twice the same, and too few are refused with the reason`() throws {
        let shares = try SecretSharing.split(secret, threshold: 3, count: 5)
        let others = try SecretSharing.split(secret, threshold: 3, count: 5)
        #expect(codes { _ = try SecretSharing.combine([]) } == ["share.too-few"])
        #expect(codes { _ = try SecretSharing.combine([shares[0], shares[1]]) } == ["share.too-few"])
        #expect(
            codes { _ = try SecretSharing.combine([shares[0], shares[1], shares[1]]) } == ["share.duplicated"])
        #expect(
            codes { _ = try SecretSharing.combine([shares[0], shares[1], others[2]]) } == ["share.mixed-sets"])
    }

    @Test func `a share with an altered value, and one too many that does not fit, are refused`() throws {
        let shares = try SecretSharing.split(secret, threshold: 2, count: 3)
        let other = SecretBytes.filling(count: 32) { span in span[7] = 1 }
        let altered = SecretShare(
            shares[0].sharing, groupIndex: 0, threshold: 2,
            SharePolynomial.Point(
                x: 0, value: ShareValue(try shares[0].value.bytes.combined(with: other))))
        #expect(codes { _ = try SecretSharing.combine([altered, shares[1]]) } == ["share.wrong"])
        #expect(codes { _ = try SecretSharing.combine([shares[1], shares[2], altered]) } == ["share.wrong"])
    }

    @Test(arguments: [(1, 1), (1, 3), (4, 3), (2, 17), (0, 2)])
    func `plans that are none are refused`(threshold: Int, count: Int) {
        #expect(
            codes { _ = try SecretSharing.split(secret, threshold: threshold, count: count) } == ["share.plan"])
    }

    @Test(arguments: [0, 14, 17, 66])
    func `secrets that cannot be divided are refused`(count: Int) {
        let secret = SecretBytes(copying: [UInt8](repeating: 1, count: count))
        #expect(codes { _ = try SecretSharing.split(secret, threshold: 2, count: 2) } == ["share.secret-length"])
    }

    @Test func `the field's inverse is one, for every element`() {
        for element in 1...UInt8.max { #expect(ShareField.product(element, ShareField.inverse(element)) == 1) }
        // FIPS 197, section 4.2: 57 · 83 = C1, 57 · 13 = FE
        #expect(ShareField.product(0x57, 0x83) == 0xC1)
        #expect(ShareField.product(0x57, 0x13) == 0xFE)
    }

    @Test func `neither share nor value can be printed`() throws {
        let share = try SecretSharing.split(secret, threshold: 2, count: 2)[0]
        #expect("\(share)" == "share 1 of \(share.identifier)")
        #expect("\(share.value)" == "share")
        var dumped = ""
        dump(share, to: &dumped)
        #expect(!dumped.contains("bytes"))
    }
}

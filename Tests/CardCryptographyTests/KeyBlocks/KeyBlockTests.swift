import ByteText
import CardCryptography
import Foundation
import Testing

/// Key blocks against published ones, against another implementation's, and changed in every character.
@Suite struct KeyBlockTests {
    struct File: Decodable {
        struct Case: Decodable, Sendable {
            let name: String
            let protection: String
            let key: String
            let usage: String
            let block: String
            var label: String?
            var filler: String?
        }

        let cases: [Case]
    }

    static func cases(_ name: String) -> [File.Case] {
        let path = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../Fixtures/key-blocks/\(name).json").standardizedFileURL
        return (try? JSONDecoder().decode(File.self, from: Data(contentsOf: path)).cases) ?? []
    }

    private func bytes(_ text: String) throws -> [UInt8] { try #require([UInt8](hexadecimal: text)) }

    private func opened(_ block: String, _ protection: [UInt8]) throws -> (KeyBlockHeader, [UInt8]) {
        let opened = try KeyBlock.open(block, protection: protection.span)
        return (opened.header, opened.key.unprotectedCopy())
    }

    /// Makes a block; spans of arrays that a throwing expression has just made do not get past the compiler.
    private func made(_ header: KeyBlockHeader, _ key: [UInt8], under protection: [UInt8]) throws -> String {
        try KeyBlock.make(header, key: key.span, protection: protection.span)
    }

    @Test(arguments: cases("tr31-2018") + cases("psec"))
    func `a block of the standard or of another implementation opens`(block: File.Case) throws {
        let (header, key) = try opened(block.block, bytes(block.protection))
        #expect(try key == bytes(block.key), "\(block.name)")
        #expect(header.usage == block.usage && header.text(of: "LB") == block.label)
    }

    @Test func `the vectors are there, one for each version`() {
        #expect(Self.cases("tr31-2018").count == 5 && Self.cases("psec").count == 13)
        let versions = Set((Self.cases("tr31-2018") + Self.cases("psec")).compactMap(\.block.first))
        #expect(versions == Set(KeyBlockVersion.allCases.map(\.rawValue)))
    }

    /// With the annex's filler the same characters come out.
    @Test func `the published D block is made to the character`() throws {
        let block = try #require(Self.cases("tr31-2018").first { $0.name == "A.7.4" })
        let header = try KeyBlockHeader(
            version: .derivedAES, usage: "P0", algorithm: "A", mode: "E", exportability: .exportable)
        let key = try bytes(block.key)
        let protection = try bytes(block.protection)
        let filler = try bytes(#require(block.filler))
        let made = try KeyBlock.make(
            header, key: key.span, protection: protection.span, maskedLength: 0, filler: filler)
        #expect(made == block.block)
    }

    @Test(arguments: cases("tr31-2018") + cases("psec"))
    func `one changed character, a missing one and one too many are refused`(block: File.Case) throws {
        let protection = try bytes(block.protection)
        let text = Array(block.block.utf8)
        for index in text.indices {
            // neighbours, the other case, and a bit that leaves the printable range
            for mask: UInt8 in [0x01, 0x20, 0x80] {
                var changed = text
                changed[index] ^= mask
                let block = String(decoding: changed, as: UTF8.self)
                #expect(throws: KeyBlockError.self, "character \(index), \(mask)") { try opened(block, protection) }
            }
        }
        for count in text.indices {
            let cut = String(decoding: text.prefix(count), as: UTF8.self)
            #expect(throws: KeyBlockError.self) { try opened(cut, protection) }
        }
        #expect(throws: KeyBlockError.malformed("length")) { try opened(block.block + "0", protection) }
        var other = protection
        other[3] ^= 0x10
        #expect(throws: KeyBlockError.notAuthentic) { try opened(block.block, other) }
    }

    @Test(arguments: [
        (KeyBlockVersion.derivedTripleDES, 16, "T" as Character, 16), (.derivedTripleDES, 24, "T", 24),
        (.derivedAES, 16, "4", 16), (.derivedAES, 24, "A", 24), (.derivedAES, 32, "A", 32), (.derivedSM4, 16, "4", 16),
        (.derivedSM4, 16, "T", 16),
    ])
    func `what is made opens again, with its header`(
        version: KeyBlockVersion, protectionLength: Int, algorithm: Character, keyLength: Int
    ) throws {
        let protection = try SecureRandom.bytes(protectionLength)
        let key = try SecureRandom.bytes(keyLength)
        for label in ["", "UKSSSE", "A LABEL OF FORTY CHARACTERS, NEARLY 4321"] {
            let header = try KeyBlockHeader(
                version: version, usage: "E2", algorithm: algorithm, mode: "X", keyVersion: "03",
                exportability: .sensitive, optionalBlocks: label.isEmpty ? [] : [.init("LB", label)])
            let block = try KeyBlock.make(header, key: key.span, protection: protection.span)
            let (found, foundKey) = try opened(block, protection)
            #expect(found == header && foundKey == key)
            #expect(try KeyBlock.header(of: block) == header)
            #expect(!block.contains(key.hexadecimal))
        }
    }

    @Test func `variants are opened and never made, and no key is protected by a weaker one`() throws {
        let key = [UInt8](repeating: 7, count: 16)
        func header(_ version: KeyBlockVersion, _ algorithm: Character) throws -> KeyBlockHeader {
            try KeyBlockHeader(version: version, usage: "E2", algorithm: algorithm, mode: "X")
        }
        for version in [KeyBlockVersion.variantA, .variantC] {
            #expect(throws: KeyBlockError.onlyOpened(version)) {
                try made(header(version, "T"), key, under: key)
            }
        }
        for algorithm: Character in ["A", "4"] {
            #expect(throws: KeyBlockError.weakerProtection(.derivedTripleDES, algorithm: algorithm)) {
                try made(header(.derivedTripleDES, algorithm), key, under: key)
            }
        }
        let long = [UInt8](repeating: 7, count: 24)
        // a protection key of the same cipher that is shorter
        for (version, algorithm, key) in [
            (KeyBlockVersion.derivedTripleDES, Character("T"), long), (.derivedAES, "A", long),
            (.derivedAES, "A", long + [1, 2, 3, 4, 5, 6, 7, 8]),
        ] {
            #expect(throws: KeyBlockError.weakerProtection(version, algorithm: algorithm)) {
                try made(header(version, algorithm), key, under: Array(long.prefix(16)))
            }
            let block = try made(header(version, algorithm), key, under: key)
            #expect(try opened(block, key).1 == key)
        }
        // triple DES of three keys has 112 bits at the most
        _ = try made(header(.derivedAES, "T"), long, under: key)
        #expect(throws: KeyBlockError.protectionKey(.derivedSM4, length: 24)) {
            try made(header(.derivedSM4, "4"), key, under: [UInt8](repeating: 1, count: 24))
        }
        #expect(throws: KeyBlockError.keyLength(algorithm: "4", length: 15)) {
            try made(header(.derivedSM4, "4"), Array(key.dropLast()), under: key)
        }
        #expect(throws: KeyBlockError.unknownVersion("E")) { try KeyBlock.header(of: "E0080P0TE00E0000") }
    }
}

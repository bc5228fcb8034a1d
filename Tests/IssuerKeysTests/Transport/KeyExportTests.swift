import CardCryptography
import CardData
import Foundation
import Testing

@testable import IssuerKeys

/// Nothing leaves before two custodians have approved exactly that, and the key log says so.
@Suite struct KeyExportTests {
    private let custodians: Custodians
    private let set: KeySet
    private let identity = KeySet.Identity(name: KeyName(rawValue: "STK"), algorithm: .sm4)

    init() throws {
        custodians = try Custodians()
        var set = try KeySet(
            name: "city", level: .city, area: "990101", root: KeyCheckValue(method: .encryptedZeros, bytes: [1, 2, 3]))
        try set.insert(
            SecretBytes(copying: Array(0x10..<0x20)), as: identity.name, .sm4, exportability: .exportable)
        self.set = set
    }

    private func approve(_ keys: [CustodianKey], in folder: String) throws {
        let export = try KeyExport(
            block: identity, from: set, version: "4", flag: "N",
            protection: KeyCheckValue(method: .encryptedZeros, bytes: [9, 9, 9]))
        let log = try KeyLog.open(in: folder, startingIfEmpty: true, lock: .development) { 1_795_891_620_000 }
        try export.approve(
            by: keys, roster: custodians.roster, in: log, as: KeyOperator("1001", role: "custodian"))
        try log.close()
    }

    @Test func `two custodians stand in the log with what left`() throws {
        try withFolder { folder in
            try approve(Array(custodians.keys.prefix(2)), in: folder)
            let text = try String(contentsOfFile: folder + "/" + KeyLog.fileName, encoding: .utf8)
            let line = try #require(text.split(separator: "\n").first { $0.contains("\tapproval\t") })
            for part in [
                "op=key-block-export", "officers=1001,1002", "about-key=STK", "about-protection=enc-zero:090909",
                "about-flag=N",
            ] {
                #expect(line.contains(part), "\(part)")
            }
        }
    }

    @Test func `one person, the same twice, and a stranger are no two`() throws {
        let first = custodians.keys[0]
        let stranger = try CustodianKey.make(number: 1009, name: "孙六")
        try withFolder { folder in
            #expect(codes { try approve([first], in: folder) } == ["approval.too-few-persons"])
            #expect(codes { try approve([first, first], in: folder) } == ["approval.approved-twice"])
            #expect(codes { try approve([first, stranger], in: folder) } == ["approval.unknown-officer"])
            let text = try String(contentsOfFile: folder + "/" + KeyLog.fileName, encoding: .utf8)
            #expect(!text.contains("\tapproval\t"))
        }
    }
}

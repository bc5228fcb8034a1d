import ByteText
import CardCryptography
import CardData
import Foundation
import Testing

@testable import IssuerKeys

@Suite struct CustodyTests {
    private let custodians: Custodians
    private let set: KeySet
    private var passphrase: SecretBytes { SecretBytes(copying: Array("the store's passphrase".utf8)) }

    init() throws {
        custodians = try Custodians()
        set = try custodians.finished().set
    }

    /// A sealed store in a folder of its own, and a backup of it among three, two of whom are needed.
    private func withBackup(
        _ seal: Seal = .aes256GCM, _ body: (String, StoreBackup, [ShareFile]) throws -> Void
    ) throws {
        let text = try SealedKeyStore.seal(set, passphrase: passphrase, seal: seal, cost: Custodians.cheap)
        try Surroundings.withStore(text) { directory in
            let (backup, shares) = try StoreBackup.make(
                directory: directory, passphrase: passphrase, threshold: 2, custodians: custodians.keys,
                time: Custodians.start, mode: .development)
            try body(directory, backup, shares)
        }
    }

    private func isEmpty(_ folder: String) throws -> Bool {
        try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty
    }

    private func opened(_ shares: [ShareFile]) throws -> [SecretShare] {
        try zip(shares, custodians.keys).map { try $0.share($1) }
    }

    @Test(arguments: Seal.allCases) func `two of three custodians open the store without its passphrase`(
        seal: Seal
    ) throws {
        try withBackup(seal) { directory, backup, files in
            let shares = try opened(files)
            for pair in [[0, 1], [2, 0], [1, 2], [0, 1, 2]] {
                let found = try backup.open(
                    directory: directory, shares: pair.map { shares[$0] }, mode: .development)
                #expect(try KeySetCheckList(found) == KeySetCheckList(set))
            }
            #expect(
                codes { _ = try backup.open(directory: directory, shares: [shares[1]], mode: .development) }
                    == ["share.too-few"])
            #expect(
                codes {
                    _ = try backup.open(directory: directory, shares: [shares[1], shares[1]], mode: .development)
                } == ["share.duplicated"])
        }
    }

    /// What is divided is the key that scrypt makes of the passphrase; the file's own salt and cost, OpenSSL's scrypt.
    @Test func `the shares hold the key of the passphrase, and nothing more is needed than it and the file`() throws {
        try withBackup { directory, _, files in
            let secret = try SecretSharing.combine(opened(Array(files.prefix(2))))
            let text = try DurableFile.read(directory + "/" + SealedKeyStore.fileName)
            let salt = try #require(text.firstMatch(of: /salt: ([0-9A-F]{32})/)).1
            let expected = try passphrase.withSpan {
                try KeyDerivation.scrypt(
                    passphrase: $0, salt: #require([UInt8](hexadecimal: salt)), cost: Custodians.cheap, count: 32)
            }
            let isSame = secret.isEqual(to: expected)
            #expect(isSame)
        }
    }

    @Test func `shares of another backup, an altered store and another store are refused`() throws {
        try withBackup { directory, backup, files in
            let shares = try opened(files)
            let (_, others) = try StoreBackup.make(
                directory: directory, passphrase: passphrase, threshold: 2, custodians: custodians.keys,
                time: Custodians.start, mode: .development)
            let foreign = try opened(others)
            #expect(
                codes {
                    _ = try backup.open(directory: directory, shares: [shares[0], foreign[1]], mode: .development)
                } == ["share.mixed-sets"])
            let forged = SecretShare(
                shares[1].sharing, groupIndex: 0, threshold: 2,
                SharePolynomial.Point(x: 1, value: foreign[1].value))
            #expect(
                codes { _ = try backup.open(directory: directory, shares: [shares[0], forged], mode: .development) }
                    == ["custody.other-share"])
            let path = directory + "/" + SealedKeyStore.fileName
            try DurableFile.replace(DurableFile.read(path) + "\n", at: path)
            #expect(
                codes { _ = try backup.open(directory: directory, shares: shares, mode: .development) }
                    == ["custody.other-store"])
        }
    }

    @Test func `a wrong passphrase and one custodian twice make no backup`() throws {
        let text = try SealedKeyStore.seal(set, passphrase: passphrase, cost: Custodians.cheap)
        try Surroundings.withStore(text) { directory in
            func make(_ secret: String, _ keys: [CustodianKey], _ threshold: Int = 2) -> [String] {
                codes {
                    _ = try StoreBackup.make(
                        directory: directory, passphrase: SecretBytes(copying: Array(secret.utf8)),
                        threshold: threshold, custodians: keys, time: Custodians.start, mode: .development)
                }
            }
            #expect(make("another passphrase", custodians.keys) == ["key-store.not-opened"])
            #expect(
                make("the store's passphrase", [custodians.keys[0], custodians.keys[0]]) == ["custodian.twice"])
            #expect(make("the store's passphrase", custodians.keys, 4) == ["share.plan"])
        }
    }

    @Test func `backup and share files are read as they were written; a share opens for its custodian alone`() throws {
        try withBackup { _, backup, files in
            #expect(try StoreBackup(DataFile.parse(backup.fileText, file: "backup")) == backup)
            let read = try ShareFile(DataFile.parse(files[0].fileText, file: "share"))
            #expect(read == files[0])
            #expect(try read.share(custodians.keys[0]).number == 1)
            let words = String(decoding: try read.words(custodians.keys[0]).unprotectedCopy(), as: UTF8.self)
            #expect(words.split(separator: " ").count == 33)
            #expect(codes { _ = try read.share(custodians.keys[1]) } == ["custody.not-your-share"])
            let changed = files[0].fileText.replacingOccurrences(of: "\"province\"", with: "\"city\"")
            let altered = try ShareFile(DataFile.parse(changed, file: "share"))
            #expect(codes { _ = try altered.share(custodians.keys[0]) } == ["custody.share-altered"])
        }
    }

    @Test func `a drill leaves nothing but a signed report, and every byte of that counts`() throws {
        try withBackup { directory, backup, files in
            try withFolder { (scratch: String) throws -> Void in
                let drill = try RecoveryDrill.hold(
                    backup, directory: directory, shares: opened(Array(files.prefix(2))), scratch: scratch,
                    witnesses: [custodians.keys[0]], mode: .development, time: Custodians.start,
                    cost: Custodians.cheap, elapsed: { 1234 })
                #expect(try isEmpty(scratch))
                #expect(drill.milliseconds == 1234 && drill.shares == [1, 2] && drill.keyCount == set.identities.count)
                let text = Array(drill.fileText.utf8)
                #expect(try RecoveryDrill.verify(text, roster: custodians.roster) == drill)
                everyByteCounts(in: text)
                let others = try Custodians().roster
                #expect(codes { _ = try RecoveryDrill.verify(text, roster: others) } == ["transcript.not-in-roster"])
            }
        }
    }

    /// One altered byte is told, and the report is still known for one.
    private func everyByteCounts(in text: [UInt8]) {
        for place in text.indices {
            var altered = text
            altered[place] ^= 1
            let found = codes { _ = try RecoveryDrill.verify(altered) }
            #expect(["transcript.form", "transcript.signature"].contains(found.first), "byte \(place)")
            if place < 80 || place % 50 == 0 { #expect(SignedPaper(altered) == .drill, "byte \(place)") }
        }
    }

    @Test func `a drill with too few shares, or nobody to sign, leaves nothing`() throws {
        try withBackup { directory, backup, files in
            try withFolder { (scratch: String) throws -> Void in
                func hold(_ count: Int, _ witnesses: [CustodianKey]) -> [String] {
                    codes {
                        _ = try RecoveryDrill.hold(
                            backup, directory: directory, shares: opened(Array(files.prefix(count))), scratch: scratch,
                            witnesses: witnesses, mode: .development, time: Custodians.start, cost: Custodians.cheap,
                            elapsed: { 0 })
                    }
                }
                #expect(hold(1, custodians.keys) == ["share.too-few"])
                #expect(hold(2, []) == ["custody.no-witness"])
                #expect(try isEmpty(scratch))
            }
        }
    }

    @Test(arguments: ["seal: sm4-ctr-hmac-sm3", "cost: 2"])
    func `a store sealed with SM4 opens by its passphrase, and its seal cannot be renamed`(line: String) throws {
        let text = try SealedKeyStore.seal(
            set, passphrase: passphrase, seal: .sm4CounterHMACSM3, cost: Custodians.cheap)
        #expect(text.contains(line))
        try Surroundings.withStore(text) { directory in
            let opened = try SealedKeyStore.open(directory: directory, passphrase: passphrase, mode: .development)
            #expect(opened.identities == set.identities)
        }
        let changed = text.replacingOccurrences(of: line + "\n", with: line == "cost: 2" ? "cost: 4\n" : "")
        try Surroundings.withStore(changed) { directory in
            #expect(
                codes { _ = try SealedKeyStore.open(directory: directory, passphrase: passphrase, mode: .development) }
                    == ["key-store.not-opened"])
        }
    }
}

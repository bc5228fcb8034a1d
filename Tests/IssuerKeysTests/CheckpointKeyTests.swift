import ByteText
import CardCryptography
import CardData
import Foundation
import Testing

@testable import IssuerKeys

/// The checkpoint key on the disk: sealed, opened by its passphrase alone, and the open one of earlier editions put out of use.
@Suite struct CheckpointKeyTests {
    private static let cost = KeyDerivation.ScryptCost(cost: 1 << 4)

    private func lock(_ passphrase: String, takesOpenKeys: Bool = false) throws -> CheckpointLock {
        try CheckpointLock(
            passphrase: SecretBytes(copying: Array(passphrase.utf8)), takesOpenKeys: takesOpenKeys, cost: Self.cost)
    }

    private func path(_ folder: String) -> String { folder + "/" + CheckpointKey.fileName }

    private func open(_ folder: String, _ lock: CheckpointLock) throws -> KeyLog {
        try KeyLog.open(in: folder, startingIfEmpty: false, lock: lock) { 1 }
    }

    private func use(_ log: KeyLog) throws {
        _ = try log.use(log.session(of: KeyOperator("1001", role: "teller")), quota: "check", limit: nil, [])
    }

    /// Puts the key of a folder there as earlier editions did.
    private func layOpen(_ folder: String, _ lock: CheckpointLock) throws {
        let der = try CheckpointKey(path(folder)).open(lock).der()
        try Data(der.unprotectedCopy()).write(to: URL(filePath: path(folder)))
        chmod(path(folder), 0o600)
    }

    @Test func `the file shows the public key alone, and opens with its passphrase alone`() throws {
        try Surroundings.withFolder { folder in
            let right = try lock("the passphrase of this log")
            try KeyLog.start(in: folder, lock: right) { 1 }.close()
            let stored = try CheckpointKey(path(folder))
            #expect(!stored.liesOpen)
            let der = try stored.open(right).der().unprotectedCopy()
            let text = try String(contentsOfFile: path(folder), encoding: .utf8)
            #expect(!text.contains(Array(der[20..<60]).hexadecimal))
            #expect(throws: KeyLogError.keyNotOpened(path(folder))) { try open(folder, lock("another passphrase")) }
            #expect(throws: KeyLogError.keyNotOpened(path(folder))) { try open(folder, .development) }
            try open(folder, right).close()
            // whatever of the file is altered, no key comes out of it
            let digits = text.utf8.indices.filter { text.utf8[$0] == UInt8(ascii: "A") }
            #expect(digits.count > 10)
            for index in digits {
                let altered = text.replacingCharacters(in: index...index, with: "B")
                try altered.write(toFile: path(folder), atomically: false, encoding: .utf8)
                #expect(throws: KeyLogError.self) { try open(folder, right) }
            }
        }
    }

    @Test func `a key that lies open is told in development, refused in production, and put out of use by a rollover`()
        throws
    {
        try Surroundings.withFolder { folder in
            let right = try lock("the passphrase of this log")
            try KeyLog.start(in: folder, lock: right) { 1 }.close()
            #expect(try !open(folder, right).keyLiesOpen)
            try layOpen(folder, right)
            #expect(try KeyLog.keyLiesOpen(in: folder))
            #expect(throws: KeyLogError.keyOpen(path(folder))) { try open(folder, right) }
            let told = try open(folder, .development)
            #expect(told.keyLiesOpen)
            try told.close()
            let log = try open(folder, lock("the passphrase of this log", takesOpenKeys: true))
            try log.rollOver()
            #expect(!log.keyLiesOpen)
            try use(log)
            try log.close()
            #expect(try !KeyLog.keyLiesOpen(in: folder))
            try open(folder, right).close()
            #expect(try KeyLogVerification(folder + "/" + KeyLog.fileName, key: nil).faults.isEmpty)
        }
    }

    @Test func `a rollover may change the passphrase; a program that holds the old one uses no key any more`() throws {
        try Surroundings.withFolder { folder in
            let (old, new) = (try lock("the old passphrase"), try lock("the new passphrase"))
            try KeyLog.start(in: folder, lock: old) { 1 }.close()
            let (atWork, log) = (try open(folder, old), try open(folder, old))
            try log.rollOver(sealedBy: new)
            try log.close()
            #expect(throws: KeyLogError.keyNotOpened(path(folder))) { try use(atWork) }
            #expect(throws: KeyLogError.closed) { try use(atWork) }
            #expect(throws: KeyLogError.keyNotOpened(path(folder))) { try open(folder, old) }
            try open(folder, new).close()
        }
    }

    @Test func `a crash before the new key took its place wants the new passphrase, and only that`() throws {
        try Surroundings.withFolder { folder in
            let (old, new) = (try lock("the old passphrase"), try lock("the new passphrase"))
            try KeyLog.start(in: folder, lock: old) { 1 }.close()
            let before = try Data(contentsOf: URL(filePath: path(folder)))
            let log = try open(folder, old)
            try log.rollOver(sealedBy: new)
            try log.close()
            #expect(rename(path(folder), folder + "/" + CheckpointKey.nextFileName) == 0)
            try before.write(to: URL(filePath: path(folder)))
            chmod(path(folder), 0o600)
            try open(folder, new).close()
            #expect(throws: KeyLogError.keyNotOpened(path(folder))) { try open(folder, old) }
        }
    }

    @Test func `a stop before the log is signed by the new key wants the new passphrase, and only that`() throws {
        try Surroundings.withFolder { folder in
            let (old, new) = (try lock("the old passphrase"), try lock("the new passphrase"))
            try KeyLog.start(in: folder, lock: old) { 1 }.close()
            try StoppedRollover.make(of: open(folder, old), sealedBy: new)
            let next = folder + "/" + CheckpointKey.nextFileName
            #expect(throws: KeyLogError.keyNotOpened(next)) { try open(folder, old) }
            try open(folder, new).close()
            #expect(throws: KeyLogError.keyNotOpened(path(folder))) { try open(folder, old) }
            #expect(try KeyLogVerification(folder + "/" + KeyLog.fileName, key: nil).faults.isEmpty)
        }
    }

    @Test func `the public passphrase of the development keys is no site's own`() {
        #expect(codes { _ = try lock(DevelopmentKeySet.passphrase) } == ["key-log.public-passphrase"])
    }
}

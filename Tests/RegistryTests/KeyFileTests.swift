import CardCryptography
import Foundation
import Testing

@testable import Registry

/// A key's file is whole under its name, or not there at all.
@Suite struct KeyFileTests {
    /// An empty file would be taken for the key, and stop each later start.
    @Test(.enabled(if: SmallDisk.isPossible)) func aDiskThatIsFullLeavesNoEmptyKey() throws {
        let disk = try SmallDisk(bytes: 1 << 16)
        let file = KeyFile(path: disk.path + "/sealing.key")
        try disk.fill()
        #expect(throws: RegistryError.self) { try file.create(SecureRandom.secret(32)) }
        #expect(!file.exists)
        try disk.empty()
        try file.create(try SecureRandom.secret(32))
        #expect(try file.read().count == 32)
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path) == ["sealing.key"])
    }

    @Test func whatACrashLeftBesideIsNoHindranceAndAKeyIsNotWrittenOver() throws {
        let office = Office()
        try FileManager.default.createDirectory(atPath: office.path, withIntermediateDirectories: true)
        let file = KeyFile(path: office.path + "/look-up.key")
        try Data().write(to: URL(filePath: file.path + ".unfinished"))
        try file.create(SecretBytes(copying: Array(repeating: 7, count: 32)))
        #expect(throws: RegistryError.self) { try file.create(SecureRandom.secret(32)) }
        let kept = try file.read().withUnsafeBytes { Array($0) }
        #expect(kept == Array(repeating: 7, count: 32))
        var status = stat()
        #expect(stat(file.path, &status) == 0 && status.st_mode & 0o777 == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: office.path) == ["look-up.key"])
    }
}

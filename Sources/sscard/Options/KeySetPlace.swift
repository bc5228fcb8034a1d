import ArgumentParser
import CardCryptography
import CardData
import Foundation
import IssuerKeys
import SecretEntry

/// Where a sealed key set shall be made, and what seals it.
struct KeySetPlace: ParsableArguments {
    @Option(help: "密钥库目录 Folder for the sealed key set, made when it is not there.") var store: String

    @Option(name: .customLong("store-passphrase"), help: "密钥库口令来源 Where its passphrase comes from: ask or fd:N.")
    var passphrase = SecretSource.ask

    @Option(help: "封装方式 aes-256-gcm or sm4-ctr-hmac-sm3.") var seal = SealName.standard

    private var path: String { store + "/" + SealedKeyStore.fileName }

    /// Refuses a folder that holds a set already, before anybody types a passphrase.
    ///
    /// Throws `record.exists`.
    func checkFree() throws(Faults) {
        guard !FileManager.default.fileExists(atPath: path) else { throw Faults("record.exists", ["path": path]) }
    }

    /// Seals a set into the folder, which only its owner can enter; one that holds a set already is left alone.
    ///
    /// Throws `record.exists`, `record.not-written`, what reading the passphrase and sealing throw.
    func write(_ set: KeySet) throws(Faults) {
        let secret = try passphrase.newPassphrase(of: set.name)
        let text = try SealedKeyStore.seal(set, passphrase: secret, seal: seal.seal)
        try FileManager.default.makePrivateFolder(store)
        try DurableFile.create(text, at: path)
    }

    /// Changes the set that is in the folder, or puts a new one there, under one entry of its passphrase; when `body` throws, nothing
    /// has changed.
    func change(
        mode: SealedKeyStore.Mode, new: () throws -> KeySet, _ body: (inout KeySet) throws -> Void
    ) throws {
        let isThere = FileManager.default.fileExists(atPath: path)
        let secret = try isThere ? passphrase.passphrase(of: store) : passphrase.newPassphrase(of: store)
        var set = try isThere ? SealedKeyStore.open(directory: store, passphrase: secret, mode: mode) : new()
        try body(&set)
        try mode.check(set)
        let text = try SealedKeyStore.seal(set, passphrase: secret, seal: seal.seal)
        if isThere { return try DurableFile.replace(text, at: path) }
        try FileManager.default.makePrivateFolder(store)
        try DurableFile.create(text, at: path)
    }

    /// Takes back a set that was written and whose papers were not.
    func remove() { try? FileManager.default.removeItem(atPath: path) }
}

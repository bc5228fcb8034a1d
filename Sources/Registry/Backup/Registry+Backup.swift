public import CardCryptography
import CardData
import Foundation
import GRDB
import Lifecycle

extension Registry {
    /// Writes a backup into a new folder and reads it back before it counts: `registry.sqlite`, a copy of one moment that
    /// disturbs no writer; `keys.sealed`, the counter's keys under a passphrase; `office.sealed`, what the counter has beside the registry
    /// (operators, printed slips, open issues, owed fees); `backup.txt`, the signed manifest.
    ///
    /// The folder appears under its name only when everything stands on the disk and was found good.
    ///
    /// - Parameters:
    ///   - passphrase: what the keys are sealed under; restoring asks for it.
    ///   - cost: what a try of a passphrase costs.
    ///   - progress: told how much of the database is copied, from 0 to 1.
    /// - Throws: `backup` with what stands against it, or the store's errors; then there is no backup.
    @discardableResult
    public func backUp(
        to path: String, sealedUnder passphrase: borrowing SecretBytes,
        cost: KeyDerivation.ScryptCost = .init(cost: 1 << 17), progress: (Double) -> Void = { _ in }
    ) throws(RegistryError) -> BackupManifest {
        let files = FileManager.default
        let path = BackupFile.plain(path)
        try awaitPageCheck()
        guard !files.fileExists(atPath: path) else { throw .backup(.placeTaken(path)) }
        let partial = path + ".partial"
        // Left by a backup that did not come to its end; nobody else makes that name.
        try? files.removeItem(atPath: partial)
        do {
            try files.createDirectory(
                atPath: partial, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw .backup(.file(partial, reason: error.systemReason(at: partial)))
        }
        do {
            let sealed = try BackupKeys.seal(keys, under: passphrase, cost: cost)
            try BackupFile.write(sealed, to: partial + "/" + BackupKeys.fileName)
            let manifest = try copyDatabase(into: partial, keys: try HashFunction.sha256.hash(sealed), progress)
            let text = try manifest.text(signedWith: keys.signing)
            try BackupFile.write(Array(text.utf8), to: partial + "/" + BackupManifest.fileName)
            _ = try RegistryBackup(at: partial)
            try BackupFile.bringToDisk(partial)
            guard rename(partial, path) == 0 else { throw BackupFile.failure(path) }
            try BackupFile.bringToDisk(BackupFile.folder(of: path))
            return manifest
        } catch {
            try? files.removeItem(atPath: partial)
            throw RegistryError(wrapping: error)
        }
    }

    /// The files beside the registry, after it: whatever they say of it stands in its copy or is told as later.
    private func copyOffice(into folder: String) throws(RegistryError) -> [UInt8] {
        let sealed = try BackupOffice.seal(path, under: keys.sealing)
        try BackupFile.write(sealed, to: folder + "/" + BackupOffice.fileName)
        do {
            return try HashFunction.sha256.hash(sealed)
        } catch {
            throw .cryptography(error)
        }
    }

    private func copyDatabase(
        into folder: String, keys: [UInt8], _ progress: (Double) -> Void
    ) throws -> BackupManifest {
        let file = folder + "/" + RegistryBackup.databaseName
        let copy = try DatabaseQueue(path: file)
        try withoutActuallyEscaping(progress) { progress in
            try pool.read { source in
                try copy.writeWithoutTransaction { target in
                    try source.backup(to: target, pagesPerStep: 4096) { state in
                        let total = max(state.totalPageCount, 1)
                        progress(Double(total - state.remainingPageCount) / Double(total))
                    }
                }
            }
        }
        let (head, views, persons, cards) = try copy.writeWithoutTransaction { database in
            // One file that needs no neighbours.
            try database.execute(sql: "PRAGMA journal_mode = DELETE")
            return (
                try LogReader.head(of: database), try CanonicalDump.hash(of: database),
                try UInt64.fetchOne(database, sql: "SELECT count(*) FROM persons") ?? 0,
                try UInt64.fetchOne(database, sql: "SELECT count(*) FROM card_facts") ?? 0
            )
        }
        try copy.close()
        guard chmod(file, 0o600) == 0 else { throw BackupFile.failure(file) }
        try BackupFile.bringToDisk(file)
        let (database, length) = try BackupFile.digest(file)
        return BackupManifest(
            counter: counter, events: head.sequence, head: head.hash, views: views, persons: persons, cards: cards,
            madeAt: clock(), database: database, databaseLength: length, keys: keys,
            office: try copyOffice(into: folder),
            verificationKey: verificationKey)
    }
}

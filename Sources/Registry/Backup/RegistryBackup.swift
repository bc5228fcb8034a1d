import Foundation
import GRDB
import Lifecycle

/// A backup that was looked through and found good: its files are those of the signed manifest, and its database holds a
/// whole log with the views that the log makes.
///
/// Views of an older program are not looked at: restoring makes them again.
public struct RegistryBackup: Sendable {
    static let databaseName = "registry.sqlite"

    /// Its folder.
    public let path: String
    /// What it holds.
    public let manifest: BackupManifest
    /// SHA-256 of the manifest's file, by which the event of a restoration names the backup.
    public let manifestHash: [UInt8]

    /// Looks through the backup in a folder; needs no passphrase and changes nothing.
    ///
    /// - Throws: `backup` with the first thing that is not right.
    public init(at path: String) throws(RegistryError) {
        let path = BackupFile.plain(path)
        self.path = path
        (manifest, manifestHash) = try BackupManifest.read(in: path)
        let (database, length) = try BackupFile.digest(path + "/" + Self.databaseName)
        guard database == manifest.database, length == manifest.databaseLength else {
            throw .backup(.altered(file: Self.databaseName))
        }
        guard try BackupFile.digest(path + "/" + BackupKeys.fileName).hash == manifest.keys else {
            throw .backup(.altered(file: BackupKeys.fileName))
        }
        if let office = manifest.office,
            try BackupFile.digest(path + "/" + BackupOffice.fileName).hash != office
        {
            throw .backup(.altered(file: BackupOffice.fileName))
        }
        try checkContents()
    }

    private func checkContents() throws(RegistryError) {
        let manifest = self.manifest
        let problem: VerificationReport?
        do {
            problem = try reading { database in
                let verdict = try String.fetchOne(database, sql: "PRAGMA integrity_check(1)")
                let hasOldViews = try RegistrySchema.isOlder(database)
                let report = try VerificationReport.make(
                    of: database, counter: manifest.counter, key: manifest.verificationKey, withViews: !hasOldViews)
                let hasItsViews = try hasOldViews || CanonicalDump.hash(of: database) == manifest.views
                let agrees = verdict == "ok" && report.events == manifest.events && report.head == manifest.head
                return report.isGood && agrees && hasItsViews ? nil : report
            }
        } catch {
            throw .backup(.contents(nil))
        }
        if let problem { throw .backup(.contents(problem.problem)) }
    }

    func reading<Value>(_ body: (Database) throws -> Value) throws -> Value {
        RegistryDatabase.slots
        var configuration = Configuration()
        configuration.readonly = true
        return try DatabaseQueue(path: path + "/" + Self.databaseName, configuration: configuration).read(body)
    }

    /// The hash of the event at a place of its log; nil when it holds none there.
    func hash(at sequence: UInt64) throws(RegistryError) -> EventHash? {
        do {
            return try reading { database in
                try Data.fetchOne(
                    database, sql: "SELECT event FROM log WHERE sequence = ?", arguments: [Int64(clamping: sequence)]
                ).map { try EventHash(of: Array($0)) }
            }
        } catch {
            throw RegistryError(wrapping: error)
        }
    }

    /// The backup of the same counter beside this one that holds most events; nil when none holds more.
    ///
    /// Only manifests are looked at: a later backup that was damaged since is knowledge of later events all the same.
    public var newerBackupBeside: BackupManifest? {
        let folder = BackupFile.folder(of: path)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.compactMap { try? BackupManifest.read(in: folder + "/" + $0).manifest }
            .filter {
                $0.counter == manifest.counter && $0.verificationKey == manifest.verificationKey
                    && $0.events > manifest.events
            }
            .max { $0.events < $1.events }
    }
}

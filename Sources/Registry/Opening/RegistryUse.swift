import CardData
import Foundation
import GRDB
import Glibc

/// What a registry is for: real cards, or practice (培训).
///
/// One never becomes the other.
///
/// A training registry is marked twice, in its folder by a file and in its database by its application number, so that neither a
/// folder nor a database alone can be carried over.
public enum RegistryUse: Hashable, Sendable {
    /// Real cards of real people.
    case service
    /// Virtual cards of invented people.
    case training

    /// The file that marks a training folder.
    public static let folderMark = "training"

    /// SQLite's application number: none for a real registry, "SSTR" for one of practice.
    private var applicationNumber: Int64 { self == .training ? 0x5353_5452 : 0 }

    /// Whether the folder may be used so; an empty one becomes a training folder when that is wanted.
    ///
    /// - Throws: `trainingFolder` for a real use of a training folder, `notTrainingFolder` for practice in any other that is not empty.
    public func claim(folder: String) throws(RegistryError) {
        let isMarked = access(folder + "/" + Self.folderMark, F_OK) == 0
        switch self {
        case .service: guard !isMarked else { throw .trainingFolder(folder) }
        case .training:
            guard !isMarked else { return }
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            guard names.isEmpty else { throw .notTrainingFolder(folder) }
            try Self.mark(folder)
        }
    }

    /// Whether the database was made for this use; one that is new is made for it now.
    func claim(_ database: Database, isNew: Bool, in folder: String) throws {
        if isNew { try database.execute(sql: "PRAGMA application_id = \(applicationNumber)") }
        let found = try Int64.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        guard found != applicationNumber else { return }
        throw self == .service ? RegistryError.trainingFolder(folder) : .notTrainingFolder(folder)
    }

    /// The mark is on the disk before anything else is in the folder.
    private static func mark(_ folder: String) throws(RegistryError) {
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw .directory(folder, reason: error.systemReason(at: folder))
        }
        let path = folder + "/" + folderMark
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .directory(folder, reason: RegistryDirectory.lastError()) }
        defer { Glibc.close(descriptor) }
        let text = "培训数据，不得用于实际业务。Practice data, never for real cards.\n"
        _ = text.withCString { write(descriptor, $0, strlen($0)) }
        guard fsync(descriptor) == 0 else { throw .directory(folder, reason: RegistryDirectory.lastError()) }
    }
}

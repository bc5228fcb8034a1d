public import CardCryptography
import Foundation
import Glibc
public import Lifecycle

/// An event that somebody outside the counter has seen: on a slip, in a report of `registry verify`, at the centre.
public struct KnownEvent: Hashable, Sendable {
    /// Its place in the log.
    public let sequence: UInt64
    /// SHA-256 of its bytes.
    public let hash: EventHash

    /// An event by its place and hash.
    public init(sequence: UInt64, hash: EventHash) {
        self.sequence = sequence
        self.hash = hash
    }
}

extension RegistryBackup {
    /// How a backup is restored.
    public struct Terms: Sendable {
        /// Events that are known to have been in the log.
        public let known: [KnownEvent]
        /// Whether a backup is taken that lacks events which are known: what they said is lost here.
        public let mayBeOlder: Bool
        /// Which numbers may stand on cards that the backup does not know.
        public let numbers: NumbersInDoubt
        /// Who restores, with whom, on what proof.
        public let handling: Handling

        /// Terms from their parts.
        public init(
            known: [KnownEvent] = [], mayBeOlder: Bool = false, numbers: NumbersInDoubt = .next(NumbersInDoubt.gap),
            handledBy handling: Handling
        ) {
            self.known = known
            self.mayBeOlder = mayBeOlder
            self.numbers = numbers
            self.handling = handling
        }
    }

    /// Makes a registry of the backup in an empty or new folder, as a whole or not at all.
    ///
    /// The first event after those of the backup is ``Act/registryRestored(_:)``. Where later events were known elsewhere the log has then
    /// forked, and says so itself at the very place where it did.
    ///
    /// Cards may have been made after the backup: it cannot know their numbers, so those that came next are withheld.
    ///
    /// - Throws: `backup` with what stands against it, `refused` by the rules; then the folder is as it was.
    /// - Returns: the event of the restoration.
    @discardableResult
    public func restore(
        into data: String, keysUnder passphrase: borrowing SecretBytes, on terms: Terms, policy: LifecyclePolicy,
        clock: @escaping @Sendable () -> UInt64
    ) throws(RegistryError) -> RecordedEvent {
        let data = BackupFile.plain(data)
        let newest = try newestKnown(terms)
        let files = FileManager.default
        if let found = try? files.contentsOfDirectory(atPath: data), !found.isEmpty {
            throw .backup(.folderNotEmpty(data))
        }
        let staging = data + ".restoring"
        // Left by a restoration that did not come to its end; nobody else makes that name.
        try? files.removeItem(atPath: staging)
        do {
            try files.createDirectory(
                atPath: staging, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try unpack(into: staging, passphrase)
            let event = try begin(in: staging, newest, terms, policy, clock)
            guard rename(staging, data) == 0 else { throw BackupFile.failure(data) }
            try BackupFile.bringToDisk(BackupFile.folder(of: data))
            return event
        } catch {
            try? files.removeItem(atPath: staging)
            throw RegistryError(wrapping: error)
        }
    }

    private func newestKnown(_ terms: Terms) throws(RegistryError) -> UInt64 {
        for event in terms.known where event.sequence <= manifest.events {
            guard try hash(at: event.sequence) == event.hash else {
                throw .backup(.anotherLog(sequence: event.sequence))
            }
        }
        let known = (terms.known.map(\.sequence) + [newerBackupBeside?.events ?? 0]).max() ?? 0
        guard known <= manifest.events || terms.mayBeOlder else {
            throw .backup(.older(newest: manifest.events, known: known))
        }
        return known
    }

    private func unpack(into folder: String, _ passphrase: borrowing SecretBytes) throws(RegistryError) {
        // A registry's folder from its first file on, and one that did not end cleanly: every page is looked at when it is opened.
        _ = try RegistryDirectory(path: folder)
        let path = self.path + "/" + BackupKeys.fileName
        guard let sealed = FileManager.default.contents(atPath: path) else { throw BackupFile.failure(path) }
        try BackupKeys.open(Array(sealed), under: passphrase, of: manifest, into: folder)
        if let office = manifest.office {
            let path = self.path + "/" + BackupOffice.fileName
            guard let sealed = FileManager.default.contents(atPath: path),
                (try? HashFunction.sha256.hash(Array(sealed))) == office
            else { throw .backup(.altered(file: BackupOffice.fileName)) }
            try BackupOffice.open(
                Array(sealed), under: try KeyFile(path: folder + "/sealing.key").read(), into: folder)
        }
        let copy = folder + "/" + Self.databaseName
        try BackupFile.copy(self.path + "/" + Self.databaseName, to: copy)
        // The disk that it was copied to may be the one that lost the registry.
        guard try BackupFile.digest(copy).hash == manifest.database else {
            throw .backup(.altered(file: Self.databaseName))
        }
        try BackupFile.bringToDisk(folder)
    }

    private func begin(
        in folder: String, _ newestKnown: UInt64, _ terms: Terms, _ policy: LifecyclePolicy,
        _ clock: @escaping @Sendable () -> UInt64
    ) throws(RegistryError) -> RecordedEvent {
        let registry = try Registry.open(at: folder, counter: manifest.counter, policy: policy, clock: clock)
        let withheld = try registry.numbersInDoubt(terms.numbers)
        guard let restoration = Restoration(manifest: manifestHash, newestKnown: newestKnown, withheld: withheld) else {
            throw .inconsistent("restoration")
        }
        let event = try registry.record(.registryRestored(restoration), handledBy: terms.handling)
        try registry.close()
        return event
    }
}

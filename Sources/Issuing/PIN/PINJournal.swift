import ByteText
public import CardData
import Foundation
import Glibc
import Lifecycle
public import Registry

/// The services for holders' PINs that the log does not have yet: each is on the disk before its card gets a command, and is booked by
/// the next visit of the card or the next start where it could not be booked at once.
///
/// One file a card, `‹identification code›.pin-‹phase›`. A phase is a new name of the file, which takes no room on a full disk.
public struct PINJournal: Sendable {
    private let folder: String

    /// A journal over `DATA/journal`.
    public init(folder: String) { self.folder = folder }

    /// Books every service that was left unbooked.
    ///
    /// - Returns: why those that stay could not be: a refusal of the rules, a store that cannot be written, or a damaged file.
    public func settle(in registry: Registry) -> [Fault] {
        var faults: [Fault] = []
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names.sorted() {
            guard let (card, phase) = Self.parts(of: name) else { continue }
            do throws(RegistryError) {
                guard let note = read(card, phase) else {
                    faults.append(Fault("pin.journal-damaged", ["path": path(of: card, phase)]))
                    continue
                }
                try settle(note, phase, in: registry)
            } catch {
                faults.append(Fault("pin.journal-waits", ["path": path(of: card, phase)]))
                faults += error.faults
            }
        }
        return faults
    }

    /// Books what was left unbooked of one card; what the rules refuse now stays for later.
    ///
    /// - Returns: why it stays; while it does, no other note of the card can be written, for a card has one.
    /// - Throws: ``PINDeskError/earlierNotBooked(_:)`` where the registry cannot be written, or the file is damaged.
    func settle(_ card: CardReference, in registry: Registry) throws(PINDeskError) -> [Fault] {
        var waiting: [Fault] = []
        for phase in PINNote.Phase.allCases where FileManager.default.fileExists(atPath: path(of: card, phase)) {
            guard let note = read(card, phase) else {
                throw .earlierNotBooked([Fault("pin.journal-damaged", ["path": path(of: card, phase)])])
            }
            do throws(RegistryError) {
                try settle(note, phase, in: registry)
            } catch {
                guard case .refused = error else { throw .earlierNotBooked(error.faults) }
                waiting += error.faults
            }
        }
        return waiting
    }

    private func settle(
        _ note: PINNote, _ phase: PINNote.Phase, in registry: Registry
    ) throws(RegistryError) {
        guard let card = try registry.card(note.card) else { throw .cardUnknown(note.card) }
        // A crash between the commit and the removal of the note leaves both.
        let booked = try registry.events(of: note.card).filter { $0.event.identifier.sequence > note.since }
            .map(\.body.act)
        let entries = note.acts(phase, on: card.state).filter { !booked.contains($0) }
            .map { ActEntry($0, on: note.card, handledBy: note.handling) }
        if !entries.isEmpty { _ = try registry.record(entries) }
        remove(note)
    }

    // MARK: - Files

    /// Brings a note to the disk.
    ///
    /// - Throws: ``PINDeskError/journal(_:reason:)``: then the card is not touched.
    func begin(_ note: PINNote) throws(PINDeskError) {
        let path = path(of: note.card, .begun)
        let unfinished = path + ".new"
        do {
            let bytes = Array(try note.text.utf8)
            let file = open(unfinished, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard file >= 0 else { throw Self.failure(unfinished) }
            defer { close(file) }
            let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            guard count == bytes.count, fsync(file) == 0, rename(unfinished, path) == 0 else {
                let failure = Self.failure(unfinished)
                unlink(unfinished)
                throw failure
            }
            try sync()
        } catch let error as PINDeskError {
            throw error
        } catch {
            throw .journal(path, reason: "\(error)")
        }
    }

    /// Says how far it has come.
    ///
    /// Where that fails, the note stays ``PINNote/Phase/begun``, and a service that may have been done is booked as that.
    func note(_ note: PINNote, _ phase: PINNote.Phase) {
        guard rename(path(of: note.card, .begun), path(of: note.card, phase)) == 0 else { return }
        try? sync()
    }

    /// Takes a note away, whatever its phase; one that stays is found to be booked later.
    func remove(_ note: PINNote) {
        for phase in PINNote.Phase.allCases { unlink(path(of: note.card, phase)) }
        try? sync()
    }

    private func read(_ card: CardReference, _ phase: PINNote.Phase) -> PINNote? {
        guard let data = FileManager.default.contents(atPath: path(of: card, phase)),
            let text = String(validating: data, as: UTF8.self), let note = PINNote(text: text), note.card == card
        else { return nil }
        return note
    }

    private func path(of card: CardReference, _ phase: PINNote.Phase) -> String {
        "\(folder)/\(card.bytes.hexadecimal).pin-\(phase.rawValue)"
    }

    private static func parts(of name: String) -> (CardReference, PINNote.Phase)? {
        guard let dot = name.range(of: ".pin-"), let phase = PINNote.Phase(rawValue: String(name[dot.upperBound...])),
            let card = [UInt8](hexadecimal: String(name[..<dot.lowerBound])).flatMap({ CardReference(bytes: $0) })
        else { return nil }
        return (card, phase)
    }

    private func sync() throws(PINDeskError) {
        let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw Self.failure(folder) }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw Self.failure(folder) }
    }

    private static func failure(_ path: String) -> PINDeskError {
        .journal(path, reason: String(cString: strerror(errno)))
    }
}

import CardCryptography
import CardData
import Foundation
import Personalization
import Synchronization

/// The acts that wait for a second person, on the disk: `DATA/waiting/‹name›.act`, sealed, each replaced as a whole.
///
/// What is over lies in `waiting/ended/`. All calls block on the disk.
final class WaitingActs: Sendable {
    /// What lies open, the oldest first, and the names of files that cannot be read.
    struct Listing: Sendable {
        let acts: [WaitingAct]
        let damaged: [String]
    }

    private let folder: String
    private let sealingKey: SealingKey
    private let inHand = Mutex<Set<String>>([])
    private static let suffix = ".act"

    /// The acts of a data folder, whose folders are made when they are not there.
    ///
    /// - Throws: `waiting.file` when they cannot be.
    init(dataFolder: String, sealingKey: SealingKey) throws(Faults) {
        folder = dataFolder + "/waiting"
        self.sealingKey = sealingKey
        do {
            try FileManager.default.createDirectory(
                atPath: folder + "/ended", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Faults("waiting.file", ["file": folder])
        }
    }

    /// What lies open: what waits, what has expired or was sent back and nobody has closed, what was confirmed and is to be done.
    func listing() -> Listing {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        var (acts, damaged): ([WaitingAct], [String]) = ([], [])
        for name in names.sorted() where name.hasSuffix(Self.suffix) {
            let identifier = String(name.dropLast(Self.suffix.count))
            if let act = read(path(identifier), identifier) {
                acts.append(act)
            } else if FileManager.default.fileExists(atPath: path(identifier)) {
                damaged.append(identifier)
            }
        }
        return Listing(acts: acts.sorted { ($0.madeAt, $0.identifier) < ($1.madeAt, $1.identifier) }, damaged: damaged)
    }

    /// The act of that name, open or over.
    ///
    /// - Throws: `waiting.unknown`, `waiting.damaged`.
    func act(_ identifier: String) throws(Faults) -> WaitingAct {
        guard identifier.utf8.count == 16, identifier.allSatisfy(\.isHexDigit) else { throw Faults("waiting.unknown") }
        for path in [path(identifier), endedPath(identifier)] where FileManager.default.fileExists(atPath: path) {
            guard let act = read(path, identifier) else { throw Faults("waiting.damaged", ["name": identifier]) }
            return act
        }
        throw Faults("waiting.unknown")
    }

    /// Puts an act down; it stands on the disk when this returns.
    func put(_ act: WaitingAct) throws {
        let sealed = try sealingKey.seal(SecretBytes(copying: Array(act.encoded)), for: Self.purpose(act.identifier))
        guard DurableFile.replace(path(act.identifier), with: Data(sealed)) else {
            throw Faults("waiting.file", ["file": path(act.identifier)])
        }
    }

    /// Does something with an act that nobody else does anything with meanwhile.
    ///
    /// - Throws: `waiting.in-hand`, and what `body` throws.
    func withAct<Value: Sendable>(
        _ identifier: String, _ body: @Sendable (WaitingAct) async throws -> Value
    ) async throws -> Value {
        guard inHand.withLock({ $0.insert(identifier).inserted }) else { throw Faults("waiting.in-hand") }
        defer { _ = inHand.withLock { $0.remove(identifier) } }
        return try await body(try act(identifier))
    }

    /// Notes what became of an act; where that is its end, it is put away.
    func settle(_ act: WaitingAct, _ outcome: WaitingAct.Outcome, isOver: Bool) throws {
        var settled = act
        settled.outcome = outcome
        try put(settled)
        guard isOver else { return }
        let path = path(act.identifier)
        // Where that fails it lies open with its outcome, and is told as what it is.
        guard let data = FileManager.default.contents(atPath: path),
            DurableFile.replace(endedPath(act.identifier), with: data)
        else { return }
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The acts on which somebody has ruled, open or over, as far as their files were written since a moment.
    ///
    /// - Parameter start: Unix milliseconds.
    func ruled(since start: UInt64) -> [WaitingAct] {
        var found: [WaitingAct] = []
        for folder in [folder, folder + "/ended"] {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            for name in names where name.hasSuffix(Self.suffix) {
                let path = folder + "/" + name
                let written = try? FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
                guard let written, written.timeIntervalSince1970 * 1000 >= Double(start),
                    let act = read(path, String(name.dropLast(Self.suffix.count))), act.ruledBy != nil
                else { continue }
                found.append(act)
            }
        }
        return found
    }

    private func read(_ path: String, _ identifier: String) -> WaitingAct? {
        guard let sealed = FileManager.default.contents(atPath: path),
            let plain = try? sealingKey.unseal(Array(sealed), for: Self.purpose(identifier))
        else { return nil }
        let bytes = plain.withSpan { span in span.indices.map { span[$0] } }
        guard let act = WaitingAct(encoded: Data(bytes)), act.identifier == identifier else { return nil }
        return act
    }

    private func path(_ identifier: String) -> String { "\(folder)/\(identifier)\(Self.suffix)" }

    private func endedPath(_ identifier: String) -> String { "\(folder)/ended/\(identifier)\(Self.suffix)" }

    private static func purpose(_ identifier: String) -> String { "waiting act \(identifier)" }
}

import ByteText
import CardCryptography
import CardData
import Foundation
import Glibc
import Lifecycle
import Personalization

/// The files of issues, one each, `‹identifier›.issue`: lines of `name: value`, the last one SHA-256 over those before it.
///
/// A new state is written beside the old one, brought to the disk, and takes its name: a crash leaves one of the two, whole. Issues that
/// have ended lie in `ended/`, those of them whose fee is owed in `fees/`, damaged files that somebody has put aside in `damaged/`.
struct IssueFile {
    let folder: String
    static let suffix = ".issue"
    private static let replacementPrefix = "replacement-"

    func write(_ progress: IssueProgress) throws(IssueFlowError) {
        let path = path(of: progress.identifier)
        let unfinished = path + ".new"
        let bytes = Array(try Self.text(of: progress).utf8)
        let descriptor = open(unfinished, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Self.failure(unfinished) }
        defer { close(descriptor) }
        let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        guard count == bytes.count, fsync(descriptor) == 0, rename(unfinished, path) == 0 else {
            throw Self.failure(path)
        }
        try Self.sync(folder: folder)
    }

    /// The issue of that name, open or ended.
    func read(_ identifier: String) throws(IssueFlowError) -> IssueProgress {
        guard Self.isName(identifier) else { throw .unknown(identifier) }
        // What ends in between is found where it went.
        for path in [path(of: identifier), path(ofEnded: identifier), path(ofOwed: identifier)] {
            guard let data = FileManager.default.contents(atPath: path) else { continue }
            guard let progress = try Self.progress(data), progress.identifier == identifier else {
                throw .file(path, reason: "damaged")
            }
            return progress
        }
        throw .unknown(identifier)
    }

    /// The issues that lie open and whole, the oldest first, and the files beside them that are damaged.
    func all() throws(IssueFlowError) -> IssueListing {
        var issues: [IssueProgress] = []
        var damaged: [DamagedIssue] = []
        for name in try names() where name.hasSuffix(Self.suffix) {
            let identifier = String(name.dropLast(Self.suffix.count))
            let path = folder + "/" + name
            let data = FileManager.default.contents(atPath: path)
            if let data, let progress = try Self.progress(data), progress.identifier == identifier {
                issues.append(progress)
            } else if FileManager.default.fileExists(atPath: path) {
                damaged.append(DamagedIssue(identifier, path: path, holding: data ?? Data()))
            }
        }
        return IssueListing(
            issues: issues.sorted { ($0.begunAt, $0.identifier) < ($1.begunAt, $1.identifier) },
            damaged: damaged.sorted { $0.identifier < $1.identifier })
    }

    /// Moves an issue that has ended to the others that have; nothing is done when it lies there already.
    func putAway(_ progress: IssueProgress) throws(IssueFlowError) {
        let name = progress.identifier + Self.suffix
        try move(path(of: progress.identifier), to: progress.owesFee ? Self.owed : "ended", as: name)
        guard !progress.owesFee, unlink(path(ofOwed: progress.identifier)) == 0 else { return }
        try Self.sync(folder: folder + "/" + Self.owed)
    }

    /// The issues whose fee is owed, the oldest first; a file that is damaged is left out, and lies where it lay.
    func owing() throws(IssueFlowError) -> [IssueProgress] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder + "/" + Self.owed)) ?? []
        var found: [IssueProgress] = []
        for name in names where name.hasSuffix(Self.suffix) {
            // One that was settled since lies in `ended/` too, which is read first.
            let identifier = String(name.dropLast(Self.suffix.count))
            guard let progress = try? read(identifier), progress.owesFee else { continue }
            found.append(progress)
        }
        return found.sorted { ($0.begunAt, $0.identifier) < ($1.begunAt, $1.identifier) }
    }

    /// Takes a damaged file out of the way; it is kept in `damaged/`.
    func putAside(_ damaged: DamagedIssue) throws(IssueFlowError) {
        try move(damaged.path, to: "damaged", as: damaged.identifier + Self.suffix)
    }

    static func isName(_ identifier: String) -> Bool {
        identifier.utf8.count == 16 && [UInt8](hexadecimal: identifier) != nil
    }

    /// The names in the folder; none while there is no folder.
    private func names() throws(IssueFlowError) -> [String] {
        guard FileManager.default.fileExists(atPath: folder) else { return [] }
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw .file(folder, reason: error.systemReason(at: folder))
        }
    }

    /// Renames durably: both folders are on the disk before it returns.
    private func move(_ path: String, to name: String, as file: String) throws(IssueFlowError) {
        let target = folder + "/" + name
        guard mkdir(target, 0o700) == 0 || errno == EEXIST else { throw Self.failure(target) }
        guard rename(path, target + "/" + file) == 0 || errno == ENOENT else { throw Self.failure(path) }
        for changed in [target, folder] { try Self.sync(folder: changed) }
    }

    private static func sync(folder: String) throws(IssueFlowError) {
        let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw failure(folder) }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw failure(folder) }
    }

    private func path(of identifier: String) -> String { folder + "/" + identifier + Self.suffix }

    private static let owed = "fees"

    private func path(ofOwed identifier: String) -> String { "\(folder)/\(Self.owed)/\(identifier)\(Self.suffix)" }

    private func path(ofEnded identifier: String) -> String { folder + "/ended/" + identifier + Self.suffix }

    private static func failure(_ path: String) -> IssueFlowError {
        .file(path, reason: String(cString: strerror(errno)))
    }

    // MARK: - The form

    private static func text(of progress: IssueProgress) throws(IssueFlowError) -> String {
        let failure = progress.failure.map { "\($0.step.rawValue) \($0.code) \($0.at)" }
        var lines: [(String, String)] = [("form", "sscard issue 1"), ("issue", progress.identifier)]
        lines.append(("layout", progress.layoutName))
        lines.append(("officer", String(progress.officer)))
        lines.append(("begun", String(progress.begunAt)))
        lines.append(("done", progress.done?.rawValue ?? ""))
        lines.append(("end", progress.end?.rawValue ?? ""))
        lines.append(("failed", failure ?? ""))
        lines.append(("chip", progress.chip?.text ?? ""))
        if let intended = progress.intended { lines.append(("for", intended.bytes.hexadecimal)) }
        lines.append(("person", progress.person?.bytes.hexadecimal ?? ""))
        lines.append(("confirmed", progress.confirmed.hexadecimal))
        lines.append(("card", progress.card?.text ?? ""))
        lines.append(("pin", progress.sealedPIN.hexadecimal))
        lines.append(("pin-is-being-set", progress.pinIsBeingSet ? "yes" : ""))
        for (name, value) in (progress.replacement?.notes ?? [:]).sorted(by: { $0.key < $1.key }) {
            lines.append((replacementPrefix + name, value))
        }
        if let settlement = progress.feeSettlement { lines.append(("fee", settlement.text)) }
        lines += progress.events.map { ("event", "\($0)") }
        let text = lines.map { "\($0.0): \($0.1)\n" }.joined()
        return text + "sha-256: \(try hash(text))\n"
    }

    private static func hash(_ text: String) throws(IssueFlowError) -> String {
        do {
            return try HashFunction.sha256.hash(Array(text.utf8)).hexadecimal
        } catch {
            throw .file("", reason: "\(error)")
        }
    }

    private static func progress(_ data: Data) throws(IssueFlowError) -> IssueProgress? {
        guard let text = String(validating: data, as: UTF8.self) else { return nil }
        return try progress(text)
    }

    private static func progress(_ text: String) throws(IssueFlowError) -> IssueProgress? {
        guard let end = text.range(of: "sha-256: ", options: .backwards) else { return nil }
        let covered = String(text[..<end.lowerBound])
        guard text == covered + "sha-256: \(try hash(covered))\n" else { return nil }
        var values: [String: String] = [:]
        var events: [EventIdentifier] = []
        for line in covered.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { return nil }
            let value = String(parts[1].dropFirst())
            if parts[0] == "event" {
                let numbers = value.split(separator: "/").compactMap { UInt64($0) }
                guard numbers.count == 2 else { return nil }
                events.append(EventIdentifier(counter: numbers[0], sequence: numbers[1]))
            } else {
                values[String(parts[0])] = value
            }
        }
        guard values["form"] == "sscard issue 1", let identifier = values["issue"], let layout = values["layout"],
            let officer = values["officer"].flatMap(UInt64.init), let begun = values["begun"].flatMap(UInt64.init)
        else { return nil }
        var progress = IssueProgress(identifier: identifier, layoutName: layout, officer: officer, begunAt: begun)
        let notes = values.filter { $0.key.hasPrefix(replacementPrefix) }
            .map { (String($0.key.dropFirst(replacementPrefix.count)), $0.value) }
        do throws(Faults) {
            progress.replacement = try IssuingRequest.Replacement(
                notes: Dictionary(notes, uniquingKeysWith: { first, _ in first }))
        } catch {
            return nil
        }
        progress.done = values["done"].flatMap(IssueStep.init(rawValue:))
        progress.end = values["end"].flatMap(IssueProgress.End.init(rawValue:))
        let failed = (values["failed"] ?? "").split(separator: " ").map(String.init)
        if failed.count == 3, let step = IssueStep(rawValue: failed[0]), let at = UInt64(failed[2]) {
            progress.failure = IssueProgress.Failure(step: step, code: failed[1], at: at)
        }
        progress.chip = values["chip"].flatMap { CardIdentity(text: $0) }
        progress.intended = values["for"].flatMap { [UInt8](hexadecimal: $0) }.flatMap { PersonReference(bytes: $0) }
        progress.person = values["person"].flatMap { [UInt8](hexadecimal: $0) }.flatMap { PersonReference(bytes: $0) }
        progress.confirmed = values["confirmed"].flatMap { [UInt8](hexadecimal: $0) } ?? []
        progress.card = values["card"].flatMap { [UInt8](hexadecimal: $0) }.flatMap { CardReference(bytes: $0) }
        progress.sealedPIN = values["pin"].flatMap { [UInt8](hexadecimal: $0) } ?? []
        progress.pinIsBeingSet = values["pin-is-being-set"] == "yes"
        progress.feeSettlement = values["fee"].flatMap { FeeSettlement(text: $0) }
        progress.events = events
        return progress
    }
}

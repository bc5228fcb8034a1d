import ByteText
import CardCryptography
import CardData
import Foundation
import Glibc
import Synchronization

/// Which forms were sent, on the disk: a key that was begun, and how it ended.
///
/// Lines of `DATA/operators/once-‹name›`: `begun KEY FORM`, `done KEY ANSWER`, `free KEY`. A key stands there as SHA-256 of itself; a
/// form as an HMAC over what it says without PINs and passwords, under a key of this folder's own: nobody reads from it what was sent, and
/// of a PIN there is nothing in it. The newest keys alone are kept.
final class OnceJournal: Sendable {
    /// What an earlier process left of a key.
    struct Earlier: Hashable, Sendable {
        /// The answer's text; nil when the act was begun and nobody noted how it ended.
        let answer: String?
    }

    private struct Note {
        let form: String
        var answer: String?
    }

    private struct State {
        /// What this process found when it started, less what it has used since.
        var notes: [String: Note] = [:]
        var order: [String] = []
        var lines = 0
    }

    private let path: String
    private let secret: [UInt8]
    private let limit: Int
    private let state = Mutex(State())

    /// The journal of that name in a data folder, made when it is not there.
    ///
    /// - Parameter limit: how many keys are kept at least.
    /// - Throws: `counter.once-file` when it can be neither read nor made.
    init(dataFolder: String, name: String, limit: Int = 20_000) throws(Faults) {
        let folder = dataFolder + "/operators"
        path = folder + "/once-" + name
        self.limit = limit
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Faults("counter.once-file", ["file": folder])
        }
        secret = try Self.secret(folder + "/once.key")
        guard let lines = DurableFile.wholeLines(of: path) else { throw Faults("counter.once-file", ["file": path]) }
        state.withLock { state in
            for line in lines { Self.follow(String(decoding: line, as: UTF8.self), &state) }
        }
        try compact()
    }

    /// What was noted of a key; nil for one that nobody has used, or whose act was refused.
    ///
    /// - Throws: `counter.form-used` when it was used by a form that said something else.
    func earlier(_ key: String, saying fields: Fields) throws -> Earlier? {
        let (name, form) = (try Self.name(key), try self.form(fields))
        guard let note = state.withLock({ $0.notes[name] }) else { return nil }
        guard note.form == form else { throw Faults("counter.form-used") }
        return Earlier(answer: note.answer)
    }

    /// Notes that the act of a form is begun; it stands on the disk when this returns.
    func begin(_ key: String, saying fields: Fields) throws {
        try append("begun \(try Self.name(key)) \(try form(fields))")
        if state.withLock({ $0.lines > 8 * limit }) { try compact() }
    }

    /// Notes the answer.
    func end(_ key: String, _ answer: String) throws { try append("done \(try Self.name(key)) \(answer)") }

    /// Notes that the act was refused: the key may be used again.
    func free(_ key: String) throws { try append("free \(try Self.name(key))") }

    private func append(_ line: String) throws(Faults) {
        let isWritten = state.withLock { state in
            guard DurableFile.append(line, to: path) else { return false }
            Self.follow(line, &state)
            return true
        }
        guard isWritten else { throw Faults("counter.once-file", ["file": path]) }
    }

    private static func follow(_ line: String, _ state: inout State) {
        state.lines += 1
        let parts = line.split(separator: " ").map(String.init)
        guard parts.count > 1 else { return }
        switch (parts[0], parts.count) {
        case ("begun", 3):
            if state.notes.updateValue(Note(form: parts[2]), forKey: parts[1]) == nil { state.order.append(parts[1]) }
        case ("done", 3): state.notes[parts[1]]?.answer = parts[2]
        case ("free", 2): state.notes[parts[1]] = nil
        default: break
        }
    }

    /// Writes the newest keys anew, and leaves out what was freed.
    private func compact() throws(Faults) {
        let isWritten = state.withLock { state in
            // A key that was freed and used again stands at its later place.
            var seen: Set<String> = []
            let newest = state.order.reversed().filter { state.notes[$0] != nil && seen.insert($0).inserted }
            let order = Array(newest.prefix(limit).reversed())
            let kept = Set(order)
            let notes = state.notes.filter { kept.contains($0.key) }
            let lines = order.flatMap { name -> [String] in
                guard let note = notes[name] else { return [] }
                return ["begun \(name) \(note.form)"] + (note.answer.map { ["done \(name) \($0)"] } ?? [])
            }
            guard lines.count < state.lines else { return true }
            let text = lines.map { $0 + "\n" }.joined()
            guard DurableFile.replace(path, with: Data(text.utf8)) else { return false }
            state = State(notes: notes, order: order, lines: lines.count)
            return true
        }
        guard isWritten else { throw Faults("counter.once-file", ["file": path]) }
    }

    // MARK: -

    private static func name(_ key: String) throws(CryptographyError) -> String {
        try HashFunction.sha256.hash(Array(key.utf8)).hexadecimal
    }

    private func form(_ fields: Fields) throws(CryptographyError) -> String {
        let key = secret
        return try HashFunction.sha256.hmac(key: key.span, Array(fields.lastingText.utf8)).hexadecimal
    }

    private static func secret(_ path: String) throws(Faults) -> [UInt8] {
        if let data = FileManager.default.contents(atPath: path), data.count == 32 { return Array(data) }
        guard access(path, F_OK) != 0, let fresh = try? SecureRandom.bytes(32),
            DurableFile.replace(path, with: Data(fresh))
        else { throw Faults("counter.once-file", ["file": path]) }
        return fresh
    }
}

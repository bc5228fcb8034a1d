import ByteText
import CardCryptography

/// Follows a key log entry by entry: chain, signatures, reservations and counts.
struct KeyLogReplay {
    /// What is wrong with an entry.
    enum Flaw: Error, Hashable {
        /// It is no line of the log.
        case malformed
        /// It is not the entry that comes next.
        case sequence(expected: UInt64, found: UInt64)
        /// Its hash does not follow from it and from the entry before.
        case hash
        /// The log does not begin with its key, or the entry after a start or a rollover is no checkpoint.
        case notSigned
        /// A signature does not stand.
        case signature
        /// The log begins with another key than the one given.
        case otherKey
        /// A use without a reservation that was written before it.
        case notReserved
        /// A session ended with another number of uses than it has made.
        case otherCount
        /// A checkpoint states other counts than the entries before it make.
        case otherTally
    }

    private struct Session {
        var left = 0
        var used = 0
    }

    /// The last entry's place and hash.
    private(set) var sequence: UInt64 = 0
    private(set) var hash = KeyLogLine.firstHash
    /// The checkpoint key that counts now.
    private(set) var key: SM2.VerificationKey?
    private(set) var tally = KeyLogTally()
    /// Entries that no checkpoint covers yet.
    private(set) var unsigned = 0
    private(set) var lastCheckpoint: (sequence: UInt64, hash: [UInt8])?
    private(set) var lastTime: UInt64 = 0
    private var sessions: [String: Session] = [:]
    /// Whether the last entry is a start or a rollover, which nothing but a checkpoint may follow.
    private(set) var mustBeSigned = false
    /// False for a log that is taken up at a checkpoint: what was reserved before it is not known.
    private let isWhole: Bool

    /// Follows a log from its first entry.
    ///
    /// - Parameter key: the key that it must begin with; nil takes the log's own word.
    init(from key: SM2.VerificationKey?) {
        self.key = key
        isWhole = true
    }

    /// Takes a log up at a checkpoint, which is checked.
    init(at parts: KeyLogLineParts, key: SM2.VerificationKey) throws(Flaw) {
        guard parts.entry.kind == .checkpoint, let head = parts.entry["head"].flatMap({ [UInt8](hexadecimal: $0) }),
            head.count == 32, let tally = KeyLogTally(parts.entry)
        else { throw .malformed }
        self.key = key
        self.tally = tally
        isWhole = false
        hash = head
        sequence = parts.entry.sequence - min(parts.entry.sequence, 1)
        try Self.check(parts, "signature", by: key, after: head)
        try advance(parts)
        note(parts.entry.kind, parts.entry.fields, time: parts.entry.time)
    }

    /// Sessions that have not ended, with the uses that they may still make.
    var openSessions: [String: Int] { sessions.mapValues(\.left) }

    /// How many uses a session has made.
    func uses(of session: String) -> Int { sessions[session]?.used ?? 0 }

    /// How many uses a session may still make.
    func usesLeft(of session: String) -> Int { sessions[session]?.left ?? 0 }

    /// Takes the next line.
    mutating func take(_ line: ArraySlice<UInt8>) throws(Flaw) -> KeyLogEntry {
        guard let parts = KeyLogLineParts(line) else { throw .malformed }
        let entry = parts.entry
        let previous = hash
        try advance(parts)
        if mustBeSigned, entry.kind != .checkpoint { throw .notSigned }
        switch entry.kind {
        case .start: try start(parts)
        case _ where sequence == 1: throw .notSigned
        case .checkpoint: try checkpoint(parts, after: previous)
        case .rollover: try rollOver(parts, after: previous)
        case .use where isWhole || sessions[entry["session"] ?? ""] != nil:
            guard let session = entry["session"], usesLeft(of: session) > 0 else { throw .notReserved }
        case .end where isWhole:
            guard let session = entry["session"], entry["used"] == String(uses(of: session)) else {
                throw .otherCount
            }
        default: break
        }
        note(entry.kind, entry.fields, time: entry.time)
        return entry
    }

    /// Takes the whole lines of a part of the file; how many bytes they are.
    mutating func take(linesOf bytes: [UInt8], _ path: String) throws(KeyLogError) -> Int {
        var at = bytes.startIndex
        while let end = bytes[at...].firstIndex(of: KeyLogLine.lineEnd) {
            do throws(Flaw) {
                _ = try take(bytes[at..<end])
            } catch {
                throw .altered(path, line: sequence + 1)
            }
            at = end + 1
        }
        return at
    }

    /// Takes note of an entry that this process has written itself.
    mutating func wrote(
        _ kind: KeyLogEntry.Kind, _ fields: [KeyLogEntry.Field], time: UInt64, hash: [UInt8]
    ) {
        sequence += 1
        self.hash = hash
        note(kind, fields, time: time)
        if kind == .rollover, let point = fields.value("key").flatMap({ [UInt8](hexadecimal: $0) }) {
            key = try? SM2.VerificationKey(point: point)
        }
    }

    // MARK: -

    private mutating func advance(_ parts: KeyLogLineParts) throws(Flaw) {
        guard parts.entry.sequence == sequence + 1 else {
            throw .sequence(expected: sequence + 1, found: parts.entry.sequence)
        }
        let expected: [UInt8]
        do {
            expected = try HashFunction.sm3.hash(hash + parts.hashed)
        } catch {
            throw .hash
        }
        guard expected == parts.hash else { throw .hash }
        sequence += 1
        hash = parts.hash
    }

    private mutating func note(_ kind: KeyLogEntry.Kind, _ fields: [KeyLogEntry.Field], time: UInt64) {
        tally.note(kind, fields, time: time)
        lastTime = time
        unsigned += 1
        mustBeSigned = kind == .start || kind == .rollover
        switch kind {
        case .reserve:
            guard let session = fields.value("session") else { return }
            // A line that nobody of ours wrote may say any number, and ends as one that reserved nothing.
            let count = fields.value("count").flatMap { UInt32($0) } ?? 0
            sessions[session, default: Session()].left += Int(count)
        case .use:
            guard let session = fields.value("session") else { return }
            sessions[session]?.left -= 1
            sessions[session]?.used += 1
        case .end:
            guard let session = fields.value("session") else { return }
            sessions[session] = nil
        case .checkpoint:
            tally.forget(before: time)
            unsigned = 0
            lastCheckpoint = (sequence, hash)
        default: return
        }
    }

    private mutating func start(_ parts: KeyLogLineParts) throws(Flaw) {
        guard sequence == 1, let point = parts.entry["key"].flatMap({ [UInt8](hexadecimal: $0) }),
            let own = try? SM2.VerificationKey(point: point)
        else { throw .malformed }
        if let key, key.point != own.point { throw .otherKey }
        key = own
    }

    private mutating func checkpoint(_ parts: KeyLogLineParts, after previous: [UInt8]) throws(Flaw) {
        guard let key, parts.entry["head"] == previous.hexadecimal else { throw .signature }
        try Self.check(parts, "signature", by: key, after: previous)
        var tally = tally
        tally.forget(before: parts.entry.time)
        guard KeyLogTally(parts.entry) == tally else { throw .otherTally }
    }

    private mutating func rollOver(_ parts: KeyLogLineParts, after previous: [UInt8]) throws(Flaw) {
        guard let key, let point = parts.entry["key"].flatMap({ [UInt8](hexadecimal: $0) }),
            let next = try? SM2.VerificationKey(point: point)
        else { throw .malformed }
        try Self.check(parts, "new", by: next, after: previous)
        try Self.check(parts, "signature", by: key, after: previous)
        self.key = next
    }

    /// A signature in a field covers a text of its own kind, the hash before the entry, and the line up to the field.
    static func message(_ kind: KeyLogEntry.Kind, after previous: [UInt8], _ line: [UInt8]) -> [UInt8] {
        Array("sscard-key-log-1 \(kind.rawValue)\n".utf8) + previous + line
    }

    private static func check(
        _ parts: KeyLogLineParts, _ field: String, by key: SM2.VerificationKey, after previous: [UInt8]
    ) throws(Flaw) {
        guard let signature = parts.entry[field].flatMap({ [UInt8](hexadecimal: $0) }),
            let line = parts.signed(before: field)
        else { throw .signature }
        let stands = try? key.verify(
            signature, of: message(parts.entry.kind, after: previous, line), identifier: SM2.defaultIdentifier)
        guard stands == true else { throw .signature }
    }
}

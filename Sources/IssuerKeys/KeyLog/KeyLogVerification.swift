import ByteText
public import CardCryptography
public import CardData

/// Checks a key log from its first entry to its last, without a secret: what an auditor runs.
public struct KeyLogVerification: Sendable {
    /// A place in the log that an auditor has noted before: what came up to it must still be there.
    public struct KnownHead: Hashable, Sendable {
        /// The entry's place.
        public let sequence: UInt64
        /// Its hash, 32 bytes.
        public let hash: [UInt8]

        /// A head from its parts.
        public init(sequence: UInt64, hash: [UInt8]) {
            self.sequence = sequence
            self.hash = hash
        }

        /// Reads `SEQUENCE:HASH` as reports write it; nil when it is none.
        public init?(_ text: String) {
            let parts = text.split(separator: ":")
            guard parts.count == 2, let sequence = UInt64(parts[0]), let hash = [UInt8](hexadecimal: parts[1]),
                hash.count == 32
            else { return nil }
            self.init(sequence: sequence, hash: hash)
        }
    }

    /// How many entries there are of each kind.
    public private(set) var counts: [KeyLogEntry.Kind: Int] = [:]
    /// The last entry's place and hash; nil for an empty file.
    public private(set) var head: KnownHead?
    /// Entries after the last checkpoint, which no signature covers yet.
    public private(set) var unsigned = 0
    /// Sessions without an end, with the uses they had left.
    ///
    /// Their programs died, or are at work. As many uses may be missing behind each.
    public private(set) var openSessions: [String: Int] = [:]
    /// What is wrong, each with its line; empty for a log that stands.
    public private(set) var faults: [Fault] = []

    /// Checks a log's file.
    ///
    /// - Parameters:
    ///   - key: the public key that the log must have begun with; nil takes the log's own word for it.
    ///   - known: a head that was noted at an earlier check.
    ///   - each: told each entry that stands, in order.
    /// - Throws: `removed` or `cannotWrite` for a file that cannot be read.
    public init(
        _ path: String, key: SM2.VerificationKey?, known: KnownHead? = nil, each: (KeyLogEntry) -> Void = { _ in }
    ) throws(KeyLogError) {
        let file = try KeyLogFile(path, reading: true)
        let end = try file.length()
        var replay = KeyLogReplay(from: key)
        var rest: [UInt8] = []
        var at = 0
        var knownIsThere = known == nil
        while at < end {
            let chunk = try file.read(at..<min(end, at + 1 << 20))
            guard !chunk.isEmpty else { break }
            at += chunk.count
            rest += chunk
            var begin = rest.startIndex
            while let lineEnd = rest[begin...].firstIndex(of: KeyLogLine.lineEnd) {
                do throws(KeyLogReplay.Flaw) {
                    let entry = try replay.take(rest[begin..<lineEnd])
                    counts[entry.kind, default: 0] += 1
                    if known?.sequence == entry.sequence { knownIsThere = known?.hash == replay.hash }
                    each(entry)
                } catch {
                    faults.append(error.fault(path, line: replay.line(of: error)))
                    finish(replay)
                    return
                }
                begin = lineEnd + 1
            }
            rest.removeFirst(begin)
        }
        finish(replay)
        let line = Int(clamping: replay.sequence)
        if !rest.isEmpty {
            faults.append(Fault("key-log.torn-end", at: SourcePlace(file: path, line: line + 1)))
        }
        if replay.sequence == 0 { faults.append(Fault("key-log.empty", at: SourcePlace(file: path, line: 1))) }
        if !knownIsThere, let known {
            faults.append(
                Fault("key-log.rolled-back", ["known": String(known.sequence), "found": String(replay.sequence)]))
        }
        if unsigned > 0 {
            faults.append(
                Fault("key-log.unsigned-end", ["count": String(unsigned)], at: SourcePlace(file: path, line: line)))
        }
    }

    private mutating func finish(_ replay: KeyLogReplay) {
        unsigned = replay.unsigned
        openSessions = replay.openSessions
        if replay.sequence > 0 { head = KnownHead(sequence: replay.sequence, hash: replay.hash) }
    }
}

extension KeyLogReplay {
    /// The line at which a flaw was found: flaws of the chain are found before the entry counts.
    fileprivate func line(of flaw: Flaw) -> Int {
        switch flaw {
        case .malformed, .sequence, .hash: Int(clamping: sequence) + 1
        default: Int(clamping: sequence)
        }
    }
}

extension KeyLogReplay.Flaw {
    fileprivate func fault(_ path: String, line: Int) -> Fault {
        let place = SourcePlace(file: path, line: line)
        return switch self {
        case .malformed: Fault("key-log.malformed", at: place)
        case .sequence(let expected, let found):
            Fault("key-log.sequence", ["expected": String(expected), "found": String(found)], at: place)
        case .hash: Fault("key-log.hash", at: place)
        case .notSigned: Fault("key-log.not-signed", at: place)
        case .signature: Fault("key-log.signature", at: place)
        case .otherKey: Fault("key-log.other-key", at: place)
        case .notReserved: Fault("key-log.not-reserved", at: place)
        case .otherCount: Fault("key-log.other-count", at: place)
        case .otherTally: Fault("key-log.other-tally", at: place)
        }
    }
}

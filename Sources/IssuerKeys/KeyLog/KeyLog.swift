import ByteText
import CardCryptography
import Glibc
import Synchronization

/// The log of all uses of issuer keys: append-only, chained with SM3, signed with SM2 at checkpoints.
///
/// It fails closed. Before the first use a reservation for the next ones is on the disk, with room left for their entries; the
/// entry of each use is written, under a lock that all processes keep, before the key is touched. When the file is gone, was
/// replaced or shortened, or cannot be written, nothing more is allowed until the program is started again. What is written after a
/// reservation is not waited for: a power cut can lose entries, and then the reservation stands without them.
public final class KeyLog: Sendable {
    /// The file in the log's folder.
    public static let fileName = "key-log.txt"
    /// So many uses are reserved at once.
    static let usesInReservation = 256
    /// Room that an entry takes at the most.
    private static let roomForEntry = 640
    /// So many entries are covered by one signature at the most.
    static let entriesInCheckpoint = 1000

    struct State: ~Copyable {
        let file: KeyLogFile
        var lock: CheckpointLock
        var key: SM2.SigningKey
        var keyLiesOpen: Bool
        var replay: KeyLogReplay
        var length: Int
        var hashing: IncrementalHash
        var line = KeyLogLine()
        var isClosed = false
        var ownSessions: Set<String> = []
        var hasWritten = false
    }

    /// Where the log lies.
    public let folder: String
    private let clock: @Sendable () -> UInt64
    private let state: Mutex<State>

    init(_ state: consuming sending State, folder: String, clock: @escaping @Sendable () -> UInt64) {
        self.folder = folder
        self.clock = clock
        self.state = Mutex(state)
    }

    /// Now, by the clock that was given: milliseconds since 1970 UTC.
    var now: UInt64 { clock() }

    /// A session: uses by one operator for one ticket.
    func session(
        of user: KeyOperator, ticket: WorkTicket? = nil, second: String? = nil
    ) throws(KeyLogError) -> KeyLogSession {
        do {
            return KeyLogSession(
                identifier: try SecureRandom.bytes(6).hexadecimal, user: user, ticket: ticket, second: second)
        } catch {
            throw .cryptography("\(error)")
        }
    }

    /// Writes down that a key is about to be used; only then may it be.
    ///
    /// - Parameters:
    ///   - quota: what counts the use.
    ///   - limit: how many of the quota the operator has on one day; nil when there is no limit.
    /// - Returns: the entry's place.
    func use(
        _ session: KeyLogSession, quota: String, limit: Int?, _ fields: [KeyLogEntry.Field]
    ) throws(KeyLogError) -> UInt64 {
        try locked { state throws(KeyLogError) in
            let time = now
            if let limit, state.replay.tally.count(session.user.name, quota, at: time) >= limit {
                throw .quota(operator: session.user.name, what: quota, limit: limit)
            }
            if state.replay.usesLeft(of: session.identifier) == 0 { try reserve(session, time, &state) }
            let entry =
                [KeyLogEntry.Field("session", session.identifier), KeyLogEntry.Field("quota", quota)]
                + session.fields + fields
            try write(.use, entry, time, &state)
            let place = state.replay.sequence
            if state.replay.unsigned >= Self.entriesInCheckpoint { try sign(&state) }
            return place
        }
    }

    /// Writes down what became of a use, or that one was refused.
    func note(
        _ kind: KeyLogEntry.Kind, _ session: KeyLogSession, _ fields: [KeyLogEntry.Field]
    ) throws(KeyLogError) {
        try locked { state throws(KeyLogError) in
            try write(
                kind, [KeyLogEntry.Field("session", session.identifier)] + session.fields + fields, now, &state)
        }
    }

    /// Writes down that an approval is used, for the first and only time; on the disk when the call returns.
    ///
    /// - Parameter details: what of the request an auditor shall read in the log itself.
    func spend(
        _ approved: ApprovedRequest, _ session: KeyLogSession, about details: [String: String] = [:]
    ) throws(KeyLogError) {
        try locked { state throws(KeyLogError) in
            guard !state.replay.tally.spent.contains(approved.digest) else { throw .approval(.spent) }
            let fields = [
                KeyLogEntry.Field("op", approved.request.operation),
                KeyLogEntry.Field("digest", approved.digest.hexadecimal),
                KeyLogEntry.Field("expires", String(approved.request.expires)),
                KeyLogEntry.Field("officers", approved.officers.joined(separator: ",")),
            ]
            let told = details.sorted { $0.key < $1.key }.map { KeyLogEntry.Field("about-" + $0.key, $0.value) }
            try write(
                .approval, [KeyLogEntry.Field("session", session.identifier)] + session.fields + fields + told, now,
                &state)
            try state.file.makeDurable()
        }
    }

    /// How often an operator has used what a quota counts, today.
    public func count(of user: KeyOperator, quota: String) throws(KeyLogError) -> Int {
        try locked { state throws(KeyLogError) in state.replay.tally.count(user.name, quota, at: now) }
    }

    /// The last entry's place and hash, for an auditor to keep.
    public var head: (sequence: UInt64, hash: [UInt8]) {
        get throws(KeyLogError) {
            try locked { state throws(KeyLogError) in (state.replay.sequence, state.replay.hash) }
        }
    }

    /// Signs what was written since the last checkpoint.
    public func checkpoint() throws(KeyLogError) {
        try locked { state throws(KeyLogError) in
            if state.replay.unsigned > 0 { try sign(&state) }
        }
    }

    /// Ends this process's sessions, and signs what it wrote; nothing more is taken afterwards.
    ///
    /// A broken log stays as it is.
    public func close() throws(KeyLogError) {
        do throws(KeyLogError) {
            try locked { state throws(KeyLogError) in
                defer { state.isClosed = true }
                for session in state.ownSessions.sorted() {
                    let used = state.replay.uses(of: session)
                    try write(
                        .end, [KeyLogEntry.Field("session", session), KeyLogEntry.Field("used", String(used))], now,
                        &state)
                }
                if state.hasWritten, state.replay.unsigned > 0 { try sign(&state) }
            }
        } catch .closed {
            return
        }
    }

    /// Whether the log was closed, or failed and takes nothing more: no key is used then until the program is started again.
    public var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Whether the checkpoint key lies open on the disk, as earlier editions left it: to be told, and put out of use.
    public var keyLiesOpen: Bool { state.withLock { $0.keyLiesOpen } }

    /// Puts another checkpoint key in the place of the one that counts: the log names it, signed by both.
    ///
    /// The new public key lies beside the log afterwards; the old one verifies the log up to here and beyond.
    ///
    /// - Parameter lock: what seals the new key; nil takes what the old one was opened with. Programs at work take no other.
    public func rollOver(sealedBy lock: CheckpointLock? = nil) throws(KeyLogError) {
        let next = try Self.cryptographic { () throws(CryptographyError) in try SM2.SigningKey.generate() }
        try locked { state throws(KeyLogError) in
            // a disk that is full shows before the log names another key
            try state.file.checkRoom(for: 2 * KeyLogLine.longest)
            // on the disk before the log says so: a crash in between must not leave a log without its key
            let lock = lock ?? state.lock
            try CheckpointKey.write(next, CheckpointKey.nextFileName, in: folder, lock)
            let old = state.key
            try write(
                .rollover, [KeyLogEntry.Field("key", next.verificationKey.point.hexadecimal)], now, &state,
                signedBy: [("new", next), ("signature", old)])
            state.key = next
            state.lock = lock
            state.keyLiesOpen = false
            try Self.finishRollover(now, &state, in: folder)
        }
    }
}

/// Uses by one operator for one ticket.
final class KeyLogSession: Sendable {
    let identifier: String
    let user: KeyOperator
    let ticket: WorkTicket?
    let fields: [KeyLogEntry.Field]

    init(identifier: String, user: KeyOperator, ticket: WorkTicket?, second: String?) {
        self.identifier = identifier
        self.user = user
        self.ticket = ticket
        fields =
            [KeyLogEntry.Field("operator", user.name), KeyLogEntry.Field("role", user.role)]
            + (ticket.map { [KeyLogEntry.Field("ticket", $0.text)] } ?? [])
            + (second.map { [KeyLogEntry.Field("second", $0)] } ?? [])
    }
}

// MARK: - Writing

extension KeyLog {
    private func locked<Value>(
        _ body: (inout State) throws(KeyLogError) -> sending Value
    ) throws(KeyLogError) -> Value {
        try state.withLock { state throws(KeyLogError) in
            guard !state.isClosed else { throw .closed }
            do throws(KeyLogError) {
                try state.file.lock()
                defer { state.file.unlock() }
                try Self.catchUp(&state, in: folder)
                return try body(&state)
            } catch {
                switch error {
                case .quota, .approval: throw error
                default:
                    state.isClosed = true
                    throw error
                }
            }
        }
    }

    private func reserve(_ session: KeyLogSession, _ time: UInt64, _ state: inout State) throws(KeyLogError) {
        try state.file.checkRoom(for: Self.usesInReservation * Self.roomForEntry)
        state.ownSessions.insert(session.identifier)
        let fields =
            [KeyLogEntry.Field("session", session.identifier)] + session.fields
            + [KeyLogEntry.Field("count", String(Self.usesInReservation))]
        try write(.reserve, fields, time, &state)
        try state.file.makeDurable()
    }

    private func sign(_ state: inout State) throws(KeyLogError) { try Self.sign(now, &state) }

    static func sign(_ time: UInt64, _ state: inout State) throws(KeyLogError) {
        var tally = state.replay.tally
        tally.forget(before: time)
        let key = state.key
        try write(
            .checkpoint, [KeyLogEntry.Field("head", state.replay.hash.hexadecimal)] + tally.fields, time, &state,
            signedBy: [("signature", key)])
    }

    private func write(
        _ kind: KeyLogEntry.Kind, _ fields: [KeyLogEntry.Field], _ time: UInt64, _ state: inout State,
        signedBy keys: [(field: String, key: SM2.SigningKey)] = []
    ) throws(KeyLogError) {
        try Self.write(kind, fields, time, &state, signedBy: keys)
    }

    static func write(
        _ kind: KeyLogEntry.Kind, _ fields: [KeyLogEntry.Field], _ time: UInt64, _ state: inout State,
        signedBy keys: [(field: String, key: SM2.SigningKey)] = []
    ) throws(KeyLogError) {
        state.line.begin(state.replay.sequence + 1, time, kind)
        for field in fields { state.line.add(field) }
        let hash: [UInt8]
        do throws(CryptographyError) {
            for (field, key) in keys {
                let message = KeyLogReplay.message(kind, after: state.replay.hash, state.line.bytes)
                let signature = try key.sign(message, identifier: SM2.defaultIdentifier)
                state.line.add(KeyLogEntry.Field(field, signature.hexadecimal))
            }
            hash = try state.line.end(after: state.replay.hash, &state.hashing)
        } catch {
            throw .cryptography("\(error)")
        }
        try state.file.append(state.line.bytes, at: state.length)
        state.length += state.line.bytes.count
        state.hasWritten = true
        state.replay.wrote(kind, fields, time: time, hash: hash)
    }

    static func cryptographic<Value: ~Copyable>(
        _ body: () throws(CryptographyError) -> Value
    ) throws(KeyLogError) -> Value {
        do { return try body() } catch { throw .cryptography("\(error)") }
    }
}

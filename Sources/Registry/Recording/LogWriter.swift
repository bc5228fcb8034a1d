import CardCryptography
import Dispatch
import GRDB
import Lifecycle
import Synchronization

/// The one writer: gathers what several windows want recorded at the same moment into one durable transaction.
///
/// Each window's acts are judged by themselves and stand or fall together; a refused act takes nobody else's with it.
/// The last event of the transaction is signed, and covers the others through the chain.
final class LogWriter: Sendable {
    /// One window's wish: what to do in the transaction, and whom to tell how it went.
    struct Request: Sendable {
        /// May be done twice, when another's failure takes back the transaction in which it was done first.
        let work: @Sendable (Transcript) throws -> Void
        let answer: @Sendable (Result<[RecordedEvent], RegistryError>) -> Void
    }

    private let pool: DatabasePool
    private let signing: SigningKey
    private let counter: UInt64
    private let policy: LifecyclePolicy
    private let sealing: PersonSealing
    private let pageCheck: PageCheck?
    private let clock: @Sendable () -> UInt64
    private let clockError: @Sendable () -> UInt32?
    private let tally: DayTally
    private let line = Mutex(CommitLine())
    /// Runs one commit at a time, on the thread of whoever asks.
    private let queue = DispatchQueue(label: "registry.writer")
    private let arrival = DispatchSemaphore(value: 0)
    private let head: Mutex<LogHead>
    /// Made of the key by the first commit.
    private let signer = Mutex<MessageSigner?>(nil)
    /// With the writing transaction while there is one.
    private let cards = Mutex(CardMemory())

    init(
        pool: DatabasePool, signing: SigningKey, sealing: PersonSealing, counter: UInt64, policy: LifecyclePolicy,
        head: LogHead, tally: DayTally, pageCheck: PageCheck? = nil, clock: @escaping @Sendable () -> UInt64,
        clockError: @escaping @Sendable () -> UInt32? = { nil }
    ) {
        self.pool = pool
        self.signing = signing
        self.counter = counter
        self.policy = policy
        self.tally = tally
        self.sealing = sealing
        self.pageCheck = pageCheck
        self.clock = clock
        self.clockError = clockError
        self.head = Mutex(head)
    }

    /// Takes a request; the answer comes after the commit, on any thread.
    func submit(_ request: Request) {
        if join(request).isFirst { queue.async { self.commitUntilNobodyWaits() } }
    }

    /// Does work in a transaction and waits for its commit: on this thread, when nobody is before it, so that a window that works
    /// alone waits for no other thread.
    func perform(
        _ work: @escaping @Sendable (Transcript) throws -> Void
    ) -> Result<[RecordedEvent], RegistryError> {
        let answer = Mutex<Result<[RecordedEvent], RegistryError>>(.failure(.inconsistent("no answer")))
        let request = Request(work: work) { result in answer.withLock { $0 = result } }
        let (isFirst, ended) = join(request)
        if isFirst {
            queue.sync { commitWaiting() }
            // Not this window's to do for all who came meanwhile.
            if !isDone() { queue.async { self.commitUntilNobodyWaits() } }
        }
        ended.wait()
        return answer.withLock { $0 }
    }

    /// Begins work that every commit waits for which is asked for later.
    func beforeAnyCommit(_ body: @escaping @Sendable () -> Void) { queue.async(execute: body) }

    /// Runs when no commit does, for work that must not meet one.
    func exclusively<Value: Sendable>(_ body: @Sendable () throws -> Value) rethrows -> Value {
        try queue.sync {
            // It may write what no act has.
            cards.withLock { $0 = CardMemory() }
            tally.forget()
            return try body()
        }
    }

    // MARK: - The line

    private func join(_ request: Request) -> (isFirst: Bool, ended: DispatchGroup) {
        line.withLock { line in
            defer {
                if let wanted = line.wanted, line.count >= wanted {
                    line.wanted = nil
                    arrival.signal()
                }
            }
            return line.join(request)
        }
    }

    private func isDone() -> Bool { line.withLock { $0.isDone() } }

    private func commitUntilNobodyWaits() {
        repeat { commitWaiting() } while !isDone()
    }

    private func commitWaiting() {
        awaitCompanions()
        guard let round = line.withLock({ $0.takeRound() }) else { return }
        let requests = round.requests
        let start = DispatchTime.now().uptimeNanoseconds
        let answers: [Result<[RecordedEvent], RegistryError>]
        do {
            answers = try commit(requests)
        } catch {
            answers = Array(repeating: .failure(RegistryError(wrapping: error)), count: requests.count)
        }
        let nanoseconds = DispatchTime.now().uptimeNanoseconds - start
        line.withLock { $0.pace.note(requests: requests.count, nanoseconds: nanoseconds) }
        for (request, answer) in zip(requests, answers) { request.answer(answer) }
        round.ended.leave()
    }

    /// Waits a moment for the windows that shared the last commit; see ``CommitPace``.
    private func awaitCompanions() {
        let patience = line.withLock { line -> UInt64 in
            guard line.pace.patience > 0, line.count < line.pace.companions else { return 0 }
            line.wanted = line.pace.companions
            return line.pace.patience
        }
        guard patience > 0 else { return }
        let deadline = DispatchTime(uptimeNanoseconds: DispatchTime.now().uptimeNanoseconds + patience)
        guard arrival.wait(timeout: deadline) == .timedOut else { return }
        let haveComeMeanwhile = line.withLock { line in
            defer { line.wanted = nil }
            return line.wanted == nil
        }
        // What was signalled too late must not end the next wait.
        if haveComeMeanwhile { arrival.wait() }
    }

    private func commit(_ requests: [Request]) throws -> [Result<[RecordedEvent], RegistryError>] {
        if let fault = pageCheck?.fault { throw fault }
        let start = head.withLock { $0 }
        let time = (wall: clock(), error: clockError())
        let (answers, end) = try pool.writeWithoutTransaction { database in
            do {
                return try commit(requests, share: shareTogether, in: database, after: start, time)
            } catch is HalfDone {
                return try commit(requests, share: shareInPart, in: database, after: start, time)
            }
        }
        head.withLock { $0 = end }
        return answers
    }

    private func commit(
        _ requests: [Request], share: (Request, Transcript) throws -> Result<Range<Int>, RegistryError>,
        in database: Database, after start: LogHead, _ time: (wall: UInt64, error: UInt32?)
    ) throws -> ([Result<[RecordedEvent], RegistryError>], LogHead) {
        var answers: [Result<[RecordedEvent], RegistryError>] = []
        var end = start
        var remembered = CardMemory()
        try database.inWriting {
            let transcript = Transcript(
                database: database, counter: counter, policy: policy, sealing: sealing, wallMilliseconds: time.wall,
                clockError: time.error, after: start, cards: takeCards(),
                tally: tally)
            let shares = try requests.map { try share($0, transcript) }
            // SQLite takes back all by itself when the disk fails it: what is written after that would stand alone.
            guard database.isInsideTransaction else { throw DatabaseError(resultCode: .SQLITE_ABORT) }
            let recorded = try write(transcript, after: start, end: &end)
            answers = shares.map { share in share.map { Array(recorded[$0]) } }
            remembered = transcript.cards
            return !recorded.isEmpty
        }
        remembered.noteCommit()
        cards.withLock { $0 = remembered }
        return (answers, end)
    }

    /// The cards that are remembered, for a transaction to change: one that fails has forgotten them.
    private func takeCards() -> CardMemory {
        cards.withLock { cards in
            defer { cards = CardMemory() }
            return cards
        }
    }

    // MARK: - One request's share

    /// A request failed after it had written something, which only taking back the whole transaction undoes.
    private struct HalfDone: Error {}

    /// Which events of the transaction are the request's own, or why it has none.
    ///
    /// Most acts are judged before they write: one that is refused has left nothing, and a savepoint for each, for which SQLite copies
    /// every page that it touches, would be for nothing.
    private func shareTogether(
        _ request: Request, in transcript: Transcript
    ) throws -> Result<Range<Int>, RegistryError> {
        let (mark, start) = (transcript.mark, transcript.entries.count)
        let changes = transcript.database.totalChangesCount
        do {
            try request.work(transcript)
            return .success(start..<transcript.entries.count)
        } catch {
            let isUnharmed = transcript.database.isInsideTransaction
            guard isUnharmed, transcript.database.totalChangesCount == changes else { throw HalfDone() }
            transcript.restore(mark)
            return .failure(RegistryError(wrapping: error))
        }
    }

    /// The same, with a savepoint for each.
    private func shareInPart(
        _ request: Request, in transcript: Transcript
    ) throws -> Result<Range<Int>, RegistryError> {
        let (mark, start) = (transcript.mark, transcript.entries.count)
        do {
            try transcript.database.inPart { try request.work(transcript) }
            return .success(start..<transcript.entries.count)
        } catch {
            transcript.restore(mark)
            return .failure(RegistryError(wrapping: error))
        }
    }

    private static let insertion = "INSERT INTO log (sequence, kind, card, event) VALUES (?, ?, ?, ?)"

    /// Chains the events to the log, signs the last one, and stores them.
    private func write(_ transcript: Transcript, after start: LogHead, end: inout LogHead) throws -> [RecordedEvent] {
        let database = transcript.database
        try transcript.counts.write(to: database)
        var recorded: [RecordedEvent] = []
        recorded.reserveCapacity(transcript.entries.count)
        var hash = start.hash
        let insertion = try database.cachedStatement(sql: Self.insertion)
        for (index, entry) in transcript.entries.enumerated() {
            var event = entry.event
            event.previous = hash
            if index == transcript.entries.count - 1 {
                event.signature = .p256(try sign(event.bytesToSign(algorithm: 1, signatureLength: 64)))
            }
            let bytes = event.encoded
            hash = try EventHash(of: bytes)
            let sequence = Int64(event.identifier.sequence)
            try database.run(
                insertion, .integer(sequence), .integer(Int64(event.kind)), .bytes(event.card?.bytes), .bytes(bytes))
            recorded.append(
                RecordedEvent(
                    identifier: event.identifier, hash: hash, act: entry.act, state: entry.state, slip: event.slip,
                    wallMilliseconds: event.wallMilliseconds))
            end.hybridTime = event.hybridTime
            end.sequence = event.identifier.sequence
        }
        end.hash = hash
        end.firstFreeNumber = transcript.firstFreeNumber
        return recorded
    }

    private func sign(_ bytes: [UInt8]) throws -> [UInt8] {
        try signer.withLock { signer in
            let ready = try signer ?? signing.signer()
            signer = ready
            return try ready.sign(bytes)
        }
    }
}

extension RegistryError {
    /// What GRDB, the cryptography and our own code throw inside a transaction, in one type.
    init(wrapping error: any Error) {
        switch error {
        case let error as RegistryError: self = error
        case let error as CryptographyError: self = .cryptography(error)
        case let error as DatabaseError:
            self = .store(code: Int(error.extendedResultCode.rawValue), error.message ?? "")
        default: self = .inconsistent("\(type(of: error))")
        }
    }
}

import CardCryptography
import Dispatch
import Foundation
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
        let work: @Sendable (Transcript) throws -> Void
        let answer: @Sendable (Result<[RecordedEvent], RegistryError>) -> Void
    }

    private let pool: DatabasePool
    private let signing: SigningKey
    private let counter: UInt64
    private let policy: LifecyclePolicy
    private let clock: @Sendable () -> UInt64
    private let queue = DispatchQueue(label: "registry.writer")
    private let waiting = Mutex<[Request]>([])
    private let head: Mutex<LogHead>
    private let pace = Mutex(CommitPace())
    private let isGathering = Atomic<Bool>(false)
    private let arrival = DispatchSemaphore(value: 0)
    /// Bounds how long the first of a crowd waits for its answer.
    private static let requestsInOneCommit = 1000

    init(
        pool: DatabasePool, signing: SigningKey, counter: UInt64, policy: LifecyclePolicy, head: LogHead,
        clock: @escaping @Sendable () -> UInt64
    ) {
        self.pool = pool
        self.signing = signing
        self.counter = counter
        self.policy = policy
        self.clock = clock
        self.head = Mutex(head)
    }

    /// Takes a request; the answer comes on the writer's queue after the commit.
    func submit(_ request: Request) {
        waiting.withLock { $0.append(request) }
        if isGathering.load(ordering: .sequentiallyConsistent) { arrival.signal() }
        queue.async { self.commitWaiting() }
    }

    /// Runs when no commit does, for work that must not meet one.
    func exclusively<Value: Sendable>(_ body: @Sendable () throws -> Value) rethrows -> Value {
        try queue.sync(execute: body)
    }

    private func commitWaiting() {
        awaitCompanions()
        let requests = waiting.withLock { waiting in
            let taken = Array(waiting.prefix(Self.requestsInOneCommit))
            waiting.removeFirst(taken.count)
            return taken
        }
        guard !requests.isEmpty else { return }
        let start = DispatchTime.now().uptimeNanoseconds
        let answers: [Result<[RecordedEvent], RegistryError>]
        do {
            answers = try commit(requests)
        } catch {
            answers = Array(repeating: .failure(RegistryError(wrapping: error)), count: requests.count)
        }
        let nanoseconds = DispatchTime.now().uptimeNanoseconds - start
        pace.withLock { $0.note(requests: requests.count, nanoseconds: nanoseconds) }
        for (request, answer) in zip(requests, answers) { request.answer(answer) }
    }

    /// Waits a moment for the windows that shared the last commit; see ``CommitPace``.
    private func awaitCompanions() {
        let pace = pace.withLock { $0 }
        let isAnybodyHere = waiting.withLock { !$0.isEmpty }
        guard isAnybodyHere, pace.patience > 0 else { return }
        // Whoever comes after this either is seen here or sees it.
        isGathering.store(true, ordering: .sequentiallyConsistent)
        defer { isGathering.store(false, ordering: .sequentiallyConsistent) }
        let deadline = DispatchTime(uptimeNanoseconds: DispatchTime.now().uptimeNanoseconds + pace.patience)
        while waiting.withLock({ $0.count }) < pace.companions {
            guard arrival.wait(timeout: deadline) == .success else { return }
        }
    }

    private func commit(_ requests: [Request]) throws -> [Result<[RecordedEvent], RegistryError>] {
        let start = head.withLock { $0 }
        let wallMilliseconds = clock()
        let (answers, end) = try pool.writeWithoutTransaction { database in
            var answers: [Result<[RecordedEvent], RegistryError>] = []
            var end = start
            try database.inTransaction(.immediate) {
                let transcript = Transcript(
                    database: database, counter: counter, policy: policy, wallMilliseconds: wallMilliseconds,
                    after: start)
                let shares = requests.map { share(of: $0, in: transcript) }
                let recorded = try write(transcript, after: start, end: &end)
                answers = shares.map { share in share.map { Array(recorded[$0]) } }
                return recorded.isEmpty ? .rollback : .commit
            }
            return (answers, end)
        }
        head.withLock { $0 = end }
        return answers
    }

    /// One request's part of the transaction: which events are its own, or why it has none.
    private func share(of request: Request, in transcript: Transcript) -> Result<Range<Int>, RegistryError> {
        let mark = transcript.mark
        let start = transcript.entries.count
        do {
            try transcript.database.inPart { try request.work(transcript) }
            return .success(start..<transcript.entries.count)
        } catch {
            transcript.restore(mark)
            return .failure(RegistryError(wrapping: error))
        }
    }

    /// Chains the events to the log, signs the last one, and stores them.
    private func write(_ transcript: Transcript, after start: LogHead, end: inout LogHead) throws -> [RecordedEvent] {
        let insert = try transcript.database.cachedStatement(
            sql: "INSERT INTO log (sequence, kind, card, event) VALUES (?, ?, ?, ?)")
        let send = try transcript.database.cachedStatement(sql: "INSERT INTO outbox (sequence) VALUES (?)")
        var recorded: [RecordedEvent] = []
        recorded.reserveCapacity(transcript.entries.count)
        var hash = start.hash
        for (index, entry) in transcript.entries.enumerated() {
            var event = entry.event
            event.previous = hash
            if index == transcript.entries.count - 1 {
                event.signature = .p256(try signing.sign(event.bytesToSign(algorithm: 1, signatureLength: 64)))
            }
            let bytes = event.encoded
            hash = try EventHash(of: bytes)
            let sequence = Int64(event.identifier.sequence)
            try insert.execute(
                arguments: [sequence, Int64(event.kind), event.card.map { Data($0.bytes) }, Data(bytes)])
            try send.execute(arguments: [sequence])
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

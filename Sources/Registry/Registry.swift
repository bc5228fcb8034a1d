import ByteText
public import CardCryptography
import Dispatch
import Foundation
import GRDB
public import Lifecycle

/// The local registry of one counter: an append-only, hash-chained, signed log of acts in SQLite, and views of it.
///
/// The log is the truth; cards, persons and numbers are views that ``rebuild()`` makes again. Every act is one durable
/// transaction: event, views and outbox stand on the disk before it is answered. One process owns the directory.
///
/// Calls block while the disk works, some milliseconds for an act, so synchronous forms belong on threads of their own;
/// the `async` forms hop off the cooperative pool.
///
/// ```swift
/// let registry = try Registry.open(at: "/var/lib/sscard", counter: 7, policy: .load()) { milliseconds() }
/// let person = try registry.register(person, handledBy: teller)
/// let number = try registry.reserveCardNumber(for: journal, handledBy: personalizer)
/// try registry.record(.personalized(facts), on: card, handledBy: personalizer)
/// ```
public final class Registry: Sendable {
    /// The counter whose log this is.
    public let counter: UInt64
    /// The policy by which acts are judged.
    public let policy: LifecyclePolicy
    /// Checks the signatures of this counter's events.
    public let verificationKey: VerificationKey
    let pool: DatabasePool
    let sealing: PersonSealing
    let writer: LogWriter
    let keys: RegistryKeys
    let tally = DayTally()
    let hashes = EventHashes()
    let clock: @Sendable () -> UInt64
    /// Held for as long as the registry lives.
    private let directory: RegistryDirectory
    /// Nil for looking through a damaged registry.
    private let pageCheck: PageCheck?

    /// The data folder.
    var path: String { directory.path }

    /// Opens the registry in a directory, or makes it: `registry.sqlite`, three key files, a lock; mode 0700.
    ///
    /// - Parameters:
    ///   - path: the directory.
    ///   - counter: the counter's number; an existing registry must be this counter's.
    ///   - policy: what acts are judged by.
    ///   - use: whether it is for real cards or for practice; an existing registry must be for the same.
    ///   - startCheck: whether the log's end is checked first, and after an end that was no clean one every page, while the registry answers
    ///     already (see ``pageFaults``); false is for looking through a damaged registry.
    ///   - clock: Unix time in milliseconds; kept in events, read by no rule.
    ///   - clockError: the clock's greatest error in milliseconds, where somebody measures it; kept in events beside their time.
    /// - Throws: `trainingFolder` and `notTrainingFolder` for another use, `inUse` when another process has it, `keyMissing` when a log has lost its keys, `damaged`, and the store's errors.
    public static func open(
        at path: String, counter: UInt64, policy: LifecyclePolicy, use: RegistryUse = .service,
        startCheck: Bool = true,
        clock: @escaping @Sendable () -> UInt64, clockError: @escaping @Sendable () -> UInt32? = { nil }
    ) throws(RegistryError) -> Registry {
        // A program without its codes would write none for every card.
        guard (try? StatusDialect.nationalCodes()) != nil else { throw .inconsistent("status-dialects.yaml") }
        try use.claim(folder: path)
        let directory = try RegistryDirectory(path: path)
        let file = directory.file("registry.sqlite")
        let keys = try RegistryKeys(in: directory, logExists: KeyFile(path: file).exists)
        do {
            let pool = try RegistryDatabase.open(path: file)
            let names = NameIndex(sealing: PersonSealing(keys: keys), counter: counter)
            let head = try pool.write { database in
                try claim(database, for: counter, use, in: path)
                try names.prepare(database)
                guard startCheck else { return try LogReader.head(of: database) }
                return try StartCheck.run(on: database, counter: counter, key: keys.signing.verificationKey)
            }
            if directory.endedCleanly { directory.use.noteInOrder() }
            return Registry(
                directory: directory, pool: pool, keys: keys, counter: counter, policy: policy, head: head,
                pageCheck: startCheck ? PageCheck(path: file, onFault: directory.use.noteFault) : nil, clock: clock,
                clockError: clockError)
        } catch {
            throw RegistryError(wrapping: error)
        }
    }

    private init(
        directory: RegistryDirectory, pool: DatabasePool, keys: RegistryKeys, counter: UInt64,
        policy: LifecyclePolicy, head: LogHead, pageCheck: PageCheck?, clock: @escaping @Sendable () -> UInt64,
        clockError: @escaping @Sendable () -> UInt32?
    ) {
        self.directory = directory
        self.pool = pool
        self.counter = counter
        self.policy = policy
        self.keys = keys
        self.clock = clock
        verificationKey = keys.signing.verificationKey
        sealing = PersonSealing(keys: keys)
        self.pageCheck = pageCheck
        writer = LogWriter(
            pool: pool, signing: keys.signing, sealing: sealing, counter: counter, policy: policy, head: head,
            tally: tally, pageCheck: pageCheck, clock: clock, clockError: clockError)
        guard let pageCheck, !directory.endedCleanly, pageCheck.begin() else { return }
        // What is to be written waits behind it. The directory is not held for it: its lock goes with the registry.
        let use = directory.use
        writer.beforeAnyCommit { if pageCheck.run() { use.noteInOrder() } }
    }

    deinit { pageCheck?.callOff() }

    private static func claim(
        _ database: Database, for counter: UInt64, _ use: RegistryUse, in path: String
    ) throws {
        let wanted = Data(counter.bigEndianBytes)
        let owner = try Data.fetchOne(database, sql: "SELECT counter FROM owner")
        try use.claim(database, isNew: owner == nil, in: path)
        guard let found = owner else {
            try database.execute(sql: "INSERT INTO owner (only, counter) VALUES (1, ?)", arguments: [wanted])
            return
        }
        guard found == wanted else {
            throw RegistryError.anotherCounter(found: UInt64(bigEndianBytes: found) ?? 0, expected: counter)
        }
    }

    /// What looking at every page finds, where that was begun: the fault, when there is one; the stream ends when all pages
    /// were looked at, or where it was not begun.
    ///
    /// With the fault the registry answers nothing any more: whoever serves it ends. For one reader.
    public var pageFaults: AsyncStream<RegistryError> {
        guard let pageCheck, pageCheck.hasBegun else { return AsyncStream { $0.finish() } }
        return pageCheck.faults
    }

    /// Whether every page was looked at since the registry was opened.
    public var pageStanding: PageStanding {
        guard let pageCheck, pageCheck.hasBegun else { return .unchecked }
        return pageCheck.wasWhole ? .good : .checking
    }

    /// Begins to look at every page beside all other work, as the opening does by itself after an end that was no clean one.
    ///
    /// Acts do not wait for this one, which stands back behind them. Does nothing where it has begun.
    public func checkPages() {
        guard let pageCheck, pageCheck.begin() else { return }
        DispatchQueue.global(qos: .utility).async { pageCheck.run(standsBack: true) }
    }

    /// Looks at every page, or waits for whoever does so already.
    ///
    /// - Throws: the fault that was found.
    func lookAtPages() throws(RegistryError) {
        guard let pageCheck else { return }
        if pageCheck.begin() { pageCheck.run() }
        try awaitPageCheck()
    }

    /// Waits until no page is left to be looked at, where that was begun.
    ///
    /// - Throws: the fault that was found.
    func awaitPageCheck() throws(RegistryError) {
        guard let pageCheck, pageCheck.hasBegun else { return }
        pageCheck.awaitEnd()
        if let fault = pageCheck.fault { throw fault }
    }

    /// Brings everything into the one file and lets go of it.
    func close() throws(RegistryError) {
        pageCheck?.callOff()
        do {
            try writer.exclusively {
                // Readers, which close last, may not do it.
                _ = try pool.writeWithoutTransaction { try $0.checkpoint(.passive) }
                try pool.close()
            }
        } catch {
            throw RegistryError(wrapping: error)
        }
    }

    /// Reads one state of the store; writers do not disturb it.
    ///
    /// - Throws: what `body` throws, and the fault of the file, once one is known.
    func reading<Value>(_ body: (Database) throws -> Value) throws(RegistryError) -> Value {
        if let fault = pageCheck?.fault { throw fault }
        do {
            return try pool.read(body)
        } catch {
            throw RegistryError(wrapping: error)
        }
    }
}

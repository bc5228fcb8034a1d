import ByteText
import CardCryptography
import CardData
import Issuing
import Lifecycle
import Logging
import Registry
import Synchronization

/// The files that windows have sent to be taken in: judged first, taken in when whoever sent one says so, and each once.
///
/// They are taken in one after the other, on a thread of their own, in commits that other windows share; what a restart interrupts is sent
/// once more, and goes on where it stopped.
final class Intakes: Sendable {
    /// Where an intake stands.
    enum Stage: Sendable {
        case judging(Int)
        /// Nothing is wrong; nothing was changed yet.
        case judged(IntakeReport)
        case taking(Int, of: Int)
        case taken(IntakeReport)
        /// Something is wrong; what `isBegun` says was taken in before stays.
        case refused([Fault], isBegun: Bool)

        /// What was found or done; nil while it is being done, and where something is wrong.
        var report: IntakeReport? {
            switch self {
            case .judged(let report), .taken(let report): report
            case .judging, .taking, .refused: nil
            }
        }

        var isRunning: Bool {
            switch self {
            case .judging, .taking: true
            case .judged, .taken, .refused: false
            }
        }

        /// Whether nothing more comes of it.
        var isOver: Bool {
            switch self {
            case .taken, .refused: true
            case .judging, .judged, .taking: false
            }
        }
    }

    /// One file.
    struct Entry: Sendable {
        let order: IntakeOrder
        let officers: FactoryReturn.Officers
        /// Who sent it, and alone may see it.
        let sender: UInt64
        let file: IntakeSpool.File
        var stage: Stage
        /// When it was judged last, by the steady clock, and where the log stood before that.
        var judged: Judging?
        /// Why it was judged again after it had been confirmed; nil where it was not.
        var anew: Anew?
        /// Since when nobody works on it, by the steady clock; nil while somebody does.
        var restedAt: UInt64?
    }

    /// A moment at which a file was judged.
    struct Judging: Sendable {
        let at: UInt64
        let head: UInt64
    }

    /// Why a file that was confirmed is judged again, and wants another word.
    enum Anew: String, Sendable {
        /// It was judged longer ago than the policy lets a word stand.
        case age
        /// It would give something else by now than what was shown.
        case change
    }

    /// So many are kept of one sender; their oldest that rests goes first.
    private static let limitOfOne = 4
    /// So many are kept of all: what is over makes room for another's, and nothing else does.
    private static let limit = 64
    /// What rests for so long is forgotten, in milliseconds: a day, by which whoever sent it has read what became of it.
    private static let patience: UInt64 = 86_400_000
    /// So many faults of a file are told; of the others how many they are.
    static let faultLimit = 10_000

    private struct Known {
        var entries: [String: Entry] = [:]
        var order: [String] = []
    }

    private let known = Mutex(Known())
    private let thread = RegistryThreads(count: 1)
    private let desk: @Sendable () throws -> IntakeDesk
    private let head: @Sendable () throws -> UInt64
    private let mostMilliseconds: UInt64
    private let clock: @Sendable () -> UInt64
    private let logger: Logger
    private let whenTaken: @Sendable () -> Void

    /// - Parameters:
    ///   - desk: what carries orders out, as of the day it is asked for.
    ///   - head: where the log stands.
    ///   - minutes: how long what was judged may be confirmed.
    ///   - clock: the steady clock.
    ///   - whenTaken: called whenever some of a file stands in the log.
    init(
        desk: @escaping @Sendable () throws -> IntakeDesk, head: @escaping @Sendable () throws -> UInt64,
        confirmedWithin minutes: Int, clock: @escaping @Sendable () -> UInt64, logger: Logger,
        whenTaken: @escaping @Sendable () -> Void = {}
    ) {
        self.desk = desk
        self.head = head
        mostMilliseconds = UInt64(minutes) * 60_000
        self.clock = clock
        self.logger = logger
        self.whenTaken = whenTaken
    }

    /// Begins to judge a file; gives the name under which it is seen and confirmed.
    ///
    /// - Throws: `intake.too-many` while as many of the sender's as are kept are being worked on, or what is not over has taken all the room.
    func begin(
        _ order: IntakeOrder, on file: IntakeSpool.File, handledBy officers: FactoryReturn.Officers,
        sentBy sender: UInt64
    ) throws -> String {
        let name = try SecureRandom.bytes(8).hexadecimal
        let entry = Entry(order: order, officers: officers, sender: sender, file: file, stage: .judging(0))
        forgetWhatRested()
        let dropped = try known.withLock { known throws(Faults) -> Entry? in
            var dropped: Entry?
            let own = known.order.filter { known.entries[$0]?.sender == sender }
            let isOneTooMany = own.count >= Self.limitOfOne
            if isOneTooMany || known.order.count >= Self.limit {
                let over = isOneTooMany ? nil : known.order.first { known.entries[$0]?.stage.isOver == true }
                let oldest = over ?? own.first { known.entries[$0]?.stage.isRunning != true }
                guard let oldest else { throw Faults("intake.too-many") }
                known.order.removeAll { $0 == oldest }
                dropped = known.entries.removeValue(forKey: oldest)
            }
            known.entries[name] = entry
            known.order.append(name)
            return dropped
        }
        dropped?.file.remove()
        work(on: name, entry)
        return name
    }

    /// A file that this officer has sent.
    ///
    /// - Throws: `intake.unknown`, also for another's.
    func entry(_ name: String, of sender: UInt64) throws(Faults) -> Entry {
        forgetWhatRested()
        guard let entry = known.withLock({ $0.entries[name] }), entry.sender == sender else {
            throw Faults("intake.unknown")
        }
        return entry
    }

    /// Takes a judged file in; a second word changes nothing.
    ///
    /// One that was judged too long ago is judged again in place of that, and so is one that would give something else than what was
    /// shown: whoever confirms it has seen what it does.
    ///
    /// - Throws: `intake.unknown`, `intake.not-judged` for a file that is being judged, or in which something is wrong.
    func confirm(_ name: String, by sender: UInt64) throws(Faults) {
        var shown: IntakeReport?
        let begun = try known.withLock { known throws(Faults) -> Entry? in
            guard var entry = known.entries[name], entry.sender == sender else { throw Faults("intake.unknown") }
            switch entry.stage {
            case .judged(let report):
                let isOld = entry.judged.map { $0.at + mostMilliseconds <= clock() } ?? true
                entry.stage = isOld ? .judging(0) : .taking(0, of: report.rows)
                entry.anew = isOld ? .age : nil
                entry.restedAt = nil
                known.entries[name] = entry
                shown = report
                return entry
            case .taking, .taken: return nil
            case .judging, .refused: throw Faults("intake.not-judged")
            }
        }
        if let begun { work(on: name, begun, confirming: shown) }
    }

    /// Carries an order out for the tool, whose file was spooled; waits for its turn.
    func perform(
        _ order: IntakeOrder, on file: IntakeSpool.File, handledBy officers: FactoryReturn.Officers
    ) async throws -> (report: IntakeReport?, faults: [Fault]) {
        try await thread.run { [self] in try carryOut(order, file, officers) { _ in } }
    }

    /// - Parameter shown: what was confirmed.
    private func work(on name: String, _ entry: Entry, confirming shown: IntakeReport? = nil) {
        let isReal = if case .taking = entry.stage { true } else { false }
        let order = isReal ? entry.order.forReal : entry.order
        Task {
            let stage: Stage
            do {
                if isReal, let shown, try await isOther(shown, name, entry) { return }
                let (report, faults) = try await thread.run { [self] in
                    let before = isReal ? nil : Judging(at: clock(), head: try head())
                    if let before { known.withLock { $0.entries[name]?.judged = before } }
                    return try carryOut(order, entry.file, entry.officers) { progress in
                        switch progress {
                        case .judged(let rows): if !isReal { set(name, .judging(rows)) }
                        case .taken(let done, let all): if isReal { set(name, .taking(done, of: all)) }
                        }
                    }
                }
                stage =
                    report.map { isReal ? .taken($0) : .judged($0) } ?? .refused(faults, isBegun: false)
            } catch {
                stage = .refused(FaultStatus.faults(of: error), isBegun: isReal)
            }
            if case .judged = stage {} else { entry.file.remove() }
            set(name, stage)
        }
    }

    /// Whether a file would give something else by now than what was shown; then it stands as judged anew.
    private func isOther(_ shown: IntakeReport, _ name: String, _ entry: Entry) async throws -> Bool {
        try await thread.run { [self] in
            let now = Judging(at: clock(), head: try head())
            // Nothing was written since: it gives the same.
            guard entry.judged?.head != now.head else { return false }
            let (report, faults) = try carryOut(entry.order, entry.file, entry.officers) { _ in }
            guard let report else {
                entry.file.remove()
                set(name, .refused(faults, isBegun: false))
                return true
            }
            guard report != shown else { return false }
            known.withLock { known in
                known.entries[name]?.stage = .judged(report)
                known.entries[name]?.judged = now
                known.entries[name]?.anew = .change
                known.entries[name]?.restedAt = now.at
            }
            return true
        }
    }

    private func carryOut(
        _ order: IntakeOrder, _ file: IntakeSpool.File, _ officers: FactoryReturn.Officers,
        _ progress: (IntakeDesk.Progress) -> Void
    ) throws -> (report: IntakeReport?, faults: [Fault]) {
        var faults: [Fault] = []
        var more = 0
        let report = try desk().perform(order, on: file, handledBy: officers) { fault in
            if faults.count < Self.faultLimit { faults.append(fault) } else { more += 1 }
        } progress: { done in
            progress(done)
            if case .taken = done { whenTaken() }
        }
        whenTaken()
        if more > 0 { faults.append(Fault("import.more-faults", ["more": String(more)])) }
        logger.notice(
            "intake",
            metadata: [
                "kind": "\(order.kind.rawValue)", "operator": "\(officers.maker.officer.number)",
                "dry-run": "\(order.isDryRun)", "rows": "\(report?.rows ?? 0)", "faults": "\(faults.count + more)",
            ])
        return (report, faults)
    }

    private func set(_ name: String, _ stage: Stage) {
        let restedAt = stage.isRunning ? nil : clock()
        known.withLock { known in
            known.entries[name]?.stage = stage
            known.entries[name]?.restedAt = restedAt
        }
    }

    /// Forgets what has rested for long, and its file: what was found wrong in one may be much.
    private func forgetWhatRested() {
        let now = clock()
        let patience = max(Self.patience, mostMilliseconds)
        let forgotten = known.withLock { known in
            let old = known.entries.filter { $0.value.restedAt.map { $0 + patience <= now } ?? false }
            known.order.removeAll { old[$0] != nil }
            for name in old.keys { known.entries[name] = nil }
            return old.values.map(\.file)
        }
        for file in forgotten { file.remove() }
    }
}

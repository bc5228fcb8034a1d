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

        var isRunning: Bool {
            switch self {
            case .judging, .taking: true
            case .judged, .taken, .refused: false
            }
        }
    }

    /// One file.
    struct Entry: Sendable {
        let order: IntakeOrder
        let officers: FactoryReturn.Officers
        /// Who sent it, and alone may see it.
        let sender: UInt64
        let path: String
        var stage: Stage
    }

    /// So many are kept; the oldest that rests goes first.
    private static let limit = 16
    /// So many faults of a file are told; of the others how many they are.
    static let faultLimit = 10_000

    private struct Known {
        var entries: [String: Entry] = [:]
        var order: [String] = []
    }

    private let known = Mutex(Known())
    private let thread = RegistryThreads(count: 1)
    private let desk: @Sendable () throws -> IntakeDesk
    private let logger: Logger

    /// - Parameter desk: what carries orders out, as of the day it is asked for.
    init(desk: @escaping @Sendable () throws -> IntakeDesk, logger: Logger) {
        self.desk = desk
        self.logger = logger
    }

    /// Begins to judge a file; gives the name under which it is seen and confirmed.
    ///
    /// - Throws: `intake.too-many` while as many as are kept are being worked on.
    func begin(
        _ order: IntakeOrder, on path: String, handledBy officers: FactoryReturn.Officers, sentBy sender: UInt64
    ) throws -> String {
        let name = try SecureRandom.bytes(8).hexadecimal
        let entry = Entry(order: order, officers: officers, sender: sender, path: path, stage: .judging(0))
        let dropped = try known.withLock { known throws(Faults) -> Entry? in
            var dropped: Entry?
            if known.order.count >= Self.limit {
                let oldest = known.order.first { known.entries[$0]?.stage.isRunning != true }
                guard let oldest else { throw Faults("intake.too-many") }
                known.order.removeAll { $0 == oldest }
                dropped = known.entries.removeValue(forKey: oldest)
            }
            known.entries[name] = entry
            known.order.append(name)
            return dropped
        }
        if let dropped { IntakeSpool.remove(dropped.path) }
        work(on: name, entry)
        return name
    }

    /// A file that this officer has sent.
    ///
    /// - Throws: `intake.unknown`, also for another's.
    func entry(_ name: String, of sender: UInt64) throws(Faults) -> Entry {
        guard let entry = known.withLock({ $0.entries[name] }), entry.sender == sender else {
            throw Faults("intake.unknown")
        }
        return entry
    }

    /// Takes a judged file in; a second word changes nothing.
    ///
    /// - Throws: `intake.unknown`, `intake.not-judged` for a file that is being judged, or in which something is wrong.
    func confirm(_ name: String, by sender: UInt64) throws(Faults) {
        let begun = try known.withLock { known throws(Faults) -> Entry? in
            guard var entry = known.entries[name], entry.sender == sender else { throw Faults("intake.unknown") }
            switch entry.stage {
            case .judged(let report):
                entry.stage = .taking(0, of: report.rows)
                known.entries[name] = entry
                return entry
            case .taking, .taken: return nil
            case .judging, .refused: throw Faults("intake.not-judged")
            }
        }
        if let begun { work(on: name, begun) }
    }

    /// Carries an order out for the tool, whose file was spooled; waits for its turn.
    func perform(
        _ order: IntakeOrder, on path: String, handledBy officers: FactoryReturn.Officers
    ) async throws -> (report: IntakeReport?, faults: [Fault]) {
        try await thread.run { [self] in try carryOut(order, path, officers) { _ in } }
    }

    private func work(on name: String, _ entry: Entry) {
        let isReal = if case .taking = entry.stage { true } else { false }
        let order = isReal ? entry.order.forReal : entry.order
        Task {
            let stage: Stage
            do {
                let (report, faults) = try await thread.run { [self] in
                    try carryOut(order, entry.path, entry.officers) { progress in
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
            if case .judged = stage {} else { IntakeSpool.remove(entry.path) }
            set(name, stage)
        }
    }

    private func carryOut(
        _ order: IntakeOrder, _ path: String, _ officers: FactoryReturn.Officers,
        _ progress: (IntakeDesk.Progress) -> Void
    ) throws -> (report: IntakeReport?, faults: [Fault]) {
        var faults: [Fault] = []
        var more = 0
        let report = try desk().perform(order, on: path, handledBy: officers) { fault in
            if faults.count < Self.faultLimit { faults.append(fault) } else { more += 1 }
        } progress: { done in
            progress(done)
        }
        if more > 0 { faults.append(Fault("import.more-faults", ["more": String(more)])) }
        logger.notice(
            "intake",
            metadata: [
                "kind": "\(order.kind.rawValue)", "operator": "\(officers.maker.officer.number)",
                "dry-run": "\(order.isDryRun)", "rows": "\(report?.rows ?? 0)", "faults": "\(faults.count + more)",
            ])
        return (report, faults)
    }

    private func set(_ name: String, _ stage: Stage) { known.withLock { $0.entries[name]?.stage = stage } }
}

import CardData
import Logging
import Registry
import ServiceLifecycle
import Synchronization

/// 夜间核验: each night chain, signatures and views of the registry are proved while the service runs, and who runs it is told what came of it.
///
/// It reads on a connection and a thread of its own, which stands back behind all others; no window waits for it. A fault ends no service: it is told until a later
/// night, or the next start, finds none.
final class NightlyVerification: Service {
    /// What a night's look found.
    struct Outcome: Sendable {
        /// When it began, Unix milliseconds.
        let at: UInt64
        /// How long it took, by the steady clock.
        let milliseconds: UInt64
        /// How many events and signatures were found good.
        let events: UInt64
        let signatures: UInt64
        /// What is wrong; nil where nothing is.
        let fault: Fault?
        /// Whether it came to its end: what could not be read, or had no room, says nothing of the registry.
        let isFinished: Bool
    }

    /// How it stands, for machines.
    enum Standing: String {
        /// The configuration has turned it off.
        case off
        /// No night has come since the service started.
        case none
        case running, good, bad
        /// The last one did not come to its end.
        case unfinished
    }

    private struct State {
        /// When it is time next; nil before anybody has looked at the clock.
        var due: UInt64?
        var isRunning = false
        var last: Outcome?
    }

    /// How often the clock is looked at: it may be set meanwhile.
    private static let pause = Duration.seconds(60)

    private let time: NightTime?
    private let begin: @Sendable () -> VerificationBeside
    private let clocks: CounterClocks
    private let logger: Logger
    private let thread = RegistryThreads(count: 1)
    private let state = Mutex(State())

    /// - Parameters:
    ///   - time: when each night; nil for never.
    ///   - begin: gives one look through the registry.
    init(
        at time: NightTime?, clocks: CounterClocks, logger: Logger, begin: @escaping @Sendable () -> VerificationBeside
    ) {
        self.time = time
        self.clocks = clocks
        self.logger = logger
        self.begin = begin
    }

    /// Goes on until the service's end, which calls off what is under way.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await self.lookIfItIsTime()
                let wait = self.untilDue().map { min($0, Self.pause) } ?? Self.pause
                try? await Task.sleep(for: wait)
            }
        }
    }

    /// Looks once, where it is time.
    func lookIfItIsTime() async {
        guard let time else { return }
        let now = clocks.wall()
        let isTime = state.withLock { state -> Bool in
            // A clock that was set back far would keep the next night waiting.
            guard let due = state.due, due <= now + NightTime.millisecondsOfDay else {
                state.due = time.next(after: now)
                return false
            }
            guard due <= now else { return false }
            state.isRunning = true
            state.due = time.next(after: now)
            return true
        }
        guard isTime else { return }
        let outcome = await look(at: now)
        state.withLock { state in
            state.isRunning = false
            if let outcome { state.last = outcome }
        }
    }

    var standing: Standing {
        let (isRunning, last) = state.withLock { ($0.isRunning, $0.last) }
        if time == nil { return .off }
        // What was found stands until another night finds it mended.
        if let last, last.fault != nil { return last.isFinished ? .bad : .unfinished }
        if isRunning { return .running }
        return last == nil ? .none : .good
    }

    /// What the last night found; nil where none has come since the start.
    var last: Outcome? { state.withLock(\.last) }

    /// The time of night; nil where it is turned off.
    var when: NightTime? { time }

    private func untilDue() -> Duration? {
        let now = clocks.wall()
        return state.withLock(\.due).map { .milliseconds(Int64(clamping: $0 > now ? $0 - now : 0)) }
    }

    /// Nil where it was called off.
    private func look(at now: UInt64) async -> Outcome? {
        let (start, beside) = (clocks.steady(), begin())
        let outcome: Outcome
        do {
            let report = try await withTaskCancellationHandler {
                try await thread.run { try beside.run() }
            } onCancel: {
                beside.callOff()
            }
            guard let report else { return nil }
            outcome = Outcome(
                at: now, milliseconds: clocks.steady() - start, events: report.events, signatures: report.signatures,
                fault: Self.fault(report, at: now), isFinished: true)
        } catch {
            let code = FaultStatus.faults(of: error).first?.code.rawValue ?? "counter.unexpected"
            outcome = Outcome(
                at: now, milliseconds: clocks.steady() - start, events: 0, signatures: 0,
                fault: Fault("counter.night-unread", ["at": Moment.text(now), "code": code]), isFinished: false)
        }
        tell(outcome)
        return outcome
    }

    private static func fault(_ report: VerificationReport, at now: UInt64) -> Fault? {
        guard let problem = report.problem else { return nil }
        guard problem != .viewsDiffer else { return Fault("counter.night-views", ["at": Moment.text(now)]) }
        return Fault(
            "counter.night-log",
            ["at": Moment.text(now), "position": report.position.map(String.init) ?? "–", "problem": "\(problem)"])
    }

    private func tell(_ outcome: Outcome) {
        var metadata: Logger.Metadata = [
            "events": "\(outcome.events)", "signatures": "\(outcome.signatures)",
            "milliseconds": "\(outcome.milliseconds)",
        ]
        guard let fault = outcome.fault else { return logger.notice("registry verified", metadata: metadata) }
        metadata["code"] = "\(fault.code.rawValue)"
        for (name, value) in fault.parameters where name != "at" && name != "code" { metadata[name] = "\(value)" }
        logger.error("\(outcome.isFinished ? "registry not in order" : "registry not verified")", metadata: metadata)
    }
}

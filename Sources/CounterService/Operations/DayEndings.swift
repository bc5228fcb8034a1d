import CardData
import Lifecycle
import Logging
import Registry
import ServiceLifecycle

/// Ends what the policy's days have ended, at the start and each hour, where the city gives the counter the upper tier's acts; elsewhere it
/// looks which holds are past their last day, for the first page to tell.
struct DayEndings: Service {
    let registry: Registry
    let threads: RegistryThreads
    let clocks: CounterClocks
    let holds: HoldsOver
    let changes: ChangeBoard
    let logger: Logger

    private static let pause = Duration.seconds(3600)

    /// Goes on until the service's end.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await endWhatIsOver()
                try? await Task.sleep(for: Self.pause)
            }
        }
    }

    /// Looks once.
    ///
    /// What loosens by itself wants a clock that is kept: where nobody keeps the machine's, production ends nothing.
    func endWhatIsOver() async {
        let mayEnd = registry.policy.mode == .development || clocks.wallError() != nil
        if !mayEnd, registry.policy.upperTier == .counter {
            logger.warning("days not counted", metadata: ["code": "counter.clock-unkept"])
        }
        let (registry, now) = (registry, clocks.wall())
        do {
            let (ended, over) = try await threads.run {
                // What is only told loosens nothing.
                let ended = mayEnd ? try registry.endWhatIsOver(at: now) : DaysEnded()
                return (ended, try registry.holdsOver(at: now, most: HoldsOver.most))
            }
            holds.take(over)
            guard ended != DaysEnded() else { return }
            changes.ring()
            logger.notice(
                "days ended",
                metadata: [
                    "losses": "\(ended.losses)", "holds": "\(ended.holds)", "expired": "\(ended.expired)",
                    "refused": "\(ended.refused)",
                ])
        } catch {
            let code = (error as? any FaultReporting)?.faults.first?.code.rawValue ?? "counter.unexpected"
            logger.error("days not counted", metadata: ["code": "\(code)"])
        }
    }
}

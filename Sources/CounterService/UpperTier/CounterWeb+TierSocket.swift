import CardData
import Foundation
import Hummingbird
import Issuing
import Lifecycle
import Logging

/// What the tool sends by the socket of the upper tier's orders while the service runs (`RunningCounter.perform`).
extension CounterWeb {
    /// No order is longer, in bytes.
    private static let tierOrderLimit = 65_536

    func addTier(toSocket router: Router<BasicRequestContext>) {
        router.get(RouterPath(RunningCounter.leasesPath)) { _, _ in
            JSONAnswer.response(try await desk.registry { try TierDesk(registry: $0).leases() })
        }
        router.post(RouterPath(RunningCounter.tierPath)) { request, _ in
            do {
                let body = try await request.body.collect(upTo: Self.tierOrderLimit)
                let errand = try? JSONDecoder().decode(
                    RunningCounter.TierErrand.self, from: Data(body.readableBytesView))
                guard let errand, let handling = errand.handling else { throw Faults("counter.json") }
                let answer = try await desk.registry {
                    try TierDesk(registry: $0).perform(errand.order, handledBy: handling)
                }
                if let kind = ActKind.allCases.first(where: { $0.name == answer.act }) { desk.metrics.count(act: kind) }
                logger.notice(
                    "upper tier",
                    metadata: [
                        "act": "\(answer.act)", "event": "\(answer.event)", "operator": "\(handling.officer.number)",
                    ])
                return JSONAnswer.response(answer, status: .created)
            } catch {
                let faults = FaultStatus.faults(of: error)
                logger.error(
                    "no order of the upper tier",
                    metadata: ["faults": "\(faults.map(\.code.rawValue).joined(separator: " "))"])
                return JSONAnswer.response(RunningCounter.Refusal(faults), status: .conflict)
            }
        }
    }
}

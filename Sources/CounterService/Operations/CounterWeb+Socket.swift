import CardCryptography
import CardData
import Foundation
import Hummingbird
import Issuing
import Logging
import Registry

/// What whoever has the data folder may ask by its socket (`RunningCounter`): how the service is, and a backup, an
/// intake or an order of the upper tier while it goes on serving.
extension CounterWeb {
    /// No order is longer, in bytes.
    private static let orderLimit = 65_536

    func socketRouter() -> Router<BasicRequestContext> {
        let router = Router()
        router.middlewares.add(ChangeBell(changes: desk.changes))
        // A backup takes minutes; no window waits behind it.
        let thread = RegistryThreads(count: 1)
        router.get("/health") { _, _ in try await health() }
        addIntake(toSocket: router)
        addTier(toSocket: router)
        router.post(RouterPath(RunningCounter.backupPath)) { request, _ in
            do {
                let body = try await request.body.collect(upTo: Self.orderLimit)
                let order = try JSONDecoder().decode(
                    RunningCounter.BackupOrder.self, from: Data(body.readableBytesView))
                let events = try await thread.run { [registry = desk.registry] in
                    try registry.backUp(to: order.to, sealedUnder: SecretBytes(copying: Array(order.passphrase))).events
                }
                logger.notice("backup", metadata: ["events": "\(events)"])
                return JSONAnswer.response(["backup": order.to], status: .created)
            } catch {
                let faults = FaultStatus.faults(of: error)
                logger.error(
                    "no backup", metadata: ["faults": "\(faults.map(\.code.rawValue).joined(separator: " "))"])
                return JSONAnswer.response(RunningCounter.Refusal(faults), status: .conflict)
            }
        }
        return router
    }
}

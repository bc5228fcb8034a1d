import CardData
import Issuing
import Lifecycle

extension Site {
    /// Carries an order of the upper tier out: by the counter service where one runs over the data folder, for the registry is that one's,
    /// else by itself.
    ///
    /// - Throws: what the rules have against it.
    func perform(_ order: TierOrder, handledBy handling: Handling) throws -> TierAnswer {
        guard isServed else {
            // A lease may be the first that a centre writes down.
            let begins = if case .grantLease = order { true } else { false }
            return try TierDesk(registry: try registry(begins: begins)).perform(order, handledBy: handling)
        }
        return try RunningCounter.perform(order, handledBy: handling, in: options.dataPath)
    }

    /// The leases that are open, asked for in the same way.
    func leases() throws -> [LeaseReport] {
        guard isServed else { return try TierDesk(registry: try registry()).leases() }
        return try RunningCounter.leases(in: options.dataPath)
    }

    private var isServed: Bool {
        guard RunningCounter.find(in: options.dataPath) != nil else { return false }
        Terminal.progress("由柜面服务办理 the counter service does it")
        Terminal.endProgress()
        return true
    }
}

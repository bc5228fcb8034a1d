/// Gathers the faults of many checks, so that bad input is told all at once.
public struct FaultCollector: Sendable {
    /// What was found so far.
    public private(set) var faults: [Fault] = []

    /// Nothing found yet.
    public init() {}

    /// Notes one fault.
    public mutating func add(_ fault: Fault) { faults.append(fault) }

    /// Notes one fault by its code.
    public mutating func add(_ code: FaultCode, _ parameters: [String: String] = [:], at place: SourcePlace? = nil) {
        faults.append(Fault(code, parameters, at: place))
    }

    /// Runs a check; its faults are noted, without a place of their own at `place`, and nil comes back.
    public mutating func attempt<Value>(
        at place: SourcePlace? = nil, _ body: () throws(Faults) -> Value
    ) -> Value? {
        do {
            return try body()
        } catch {
            faults += error.faults.map { $0.located(at: place) }
            return nil
        }
    }

    /// Throws what was gathered, if anything was.
    public func check() throws(Faults) {
        if let all = Faults(faults) { throw all }
    }
}

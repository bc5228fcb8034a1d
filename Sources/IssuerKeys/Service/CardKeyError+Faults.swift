public import CardData

extension CardKeyError: FaultReporting {
    public var faults: [Fault] { [Fault("keys.failed")] }
}

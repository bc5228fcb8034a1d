public import CardData

/// Why a card may not be made from a lease.
public enum LeaseRefusal: Hashable, Sendable {
    /// The lease is another counter's.
    case anotherCounter(UInt64)
    /// The lease is for another area.
    case anotherArea(String)
    /// The number is not in the block.
    case numberNotLeased(CardNumber)
    /// The copy of the register is too old.
    case registerTooOld(hours: Int, allowed: Int)
    /// Today's cards are made.
    case dayUsedUp(Int)
    /// All cards of the lease are made.
    case usedUp(Int)
}

extension LeaseRefusal: FaultReporting {
    /// The one fault.
    public var faults: [Fault] {
        switch self {
        case .anotherCounter(let counter): [Fault("lease.another-counter", ["counter": String(counter)])]
        case .anotherArea(let area): [Fault("lease.another-area", ["area": area])]
        case .numberNotLeased(let number): [Fault("lease.number-not-leased", ["number": number.text])]
        case .registerTooOld(let hours, let allowed):
            [Fault("lease.register-too-old", ["hours": String(hours), "allowed": String(allowed)])]
        case .dayUsedUp(let cards): [Fault("lease.day-used-up", ["cards": String(cards)])]
        case .usedUp(let cards): [Fault("lease.used-up", ["cards": String(cards)])]
        }
    }
}

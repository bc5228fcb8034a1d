public import CardData

/// What somebody who waits for a card, or for its answer, should know.
public enum WaitingNotice: Hashable, Sendable {
    /// The slot has stayed empty for long. pcscd can miss a card that was pulled while a command was under way and put back within one of
    /// its looks at the slot (400 ms): it then takes the slot for empty until the card is pulled once more.
    case stillEmpty(ReaderName)
    /// The card has stayed in the slot for long.
    case stillInside(ReaderName)
    /// A command has been without an answer for long; only taking the card out ends the wait.
    case stillSilent(ReaderName)
    /// The PC/SC service went away; the wait goes on.
    case serviceLost(ReaderError)
    /// The service is back.
    case serviceRestored
}

extension WaitingNotice: FaultReporting {
    /// The notice in the catalogue's terms.
    public var faults: [Fault] {
        switch self {
        case .stillEmpty(let reader): [Fault("reader.still-empty", ["reader": reader.rawValue])]
        case .stillInside(let reader): [Fault("reader.still-inside", ["reader": reader.rawValue])]
        case .stillSilent(let reader): [Fault("reader.still-silent", ["reader": reader.rawValue])]
        case .serviceLost(let error): [Fault("reader.waiting-for-service")] + error.faults
        case .serviceRestored: [Fault("reader.service-restored")]
        }
    }
}

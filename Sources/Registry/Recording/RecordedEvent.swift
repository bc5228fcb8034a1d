public import Lifecycle

/// An event that stands in the log for good.
public struct RecordedEvent: Hashable, Sendable {
    /// Its name, which slips print and releases name.
    public let identifier: EventIdentifier
    /// SHA-256 of its bytes.
    public let hash: EventHash
    /// What was done.
    public let act: Act
    /// The card's state after it; nil when it is about no card.
    public let state: CardState?
    /// The number of the slip to print for it: the event's sequence; 0 when the act has none.
    public let slip: UInt64
    /// Wall time, Unix milliseconds, as the event has it.
    public let wallMilliseconds: UInt64
}

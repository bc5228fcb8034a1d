public import Lifecycle

/// An event as it stands in the log, with what it says.
public struct LoggedEvent: Hashable, Sendable {
    /// The event.
    public let event: Event
    /// What it says.
    public let body: EventBody
    /// Its bytes.
    public let bytes: [UInt8]
}

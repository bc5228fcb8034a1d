import Lifecycle

/// Where the log ends.
struct LogHead: Sendable {
    var sequence: UInt64 = 0
    var hash: EventHash = .none
    var hybridTime: UInt64 = 0
    /// The place in the policy's range before which no number is free; a hint that saves walking.
    var firstFreeNumber = 0
}

public import Lifecycle

/// What looking through a whole registry found.
public struct VerificationReport: Hashable, Sendable {
    /// What is wrong at the first bad place.
    public enum Problem: Hashable, Sendable {
        /// An event is missing before this place.
        case gap
        /// The bytes are no event.
        case unreadable(EventFormatError)
        /// The event is of another counter or belongs at another place.
        case misplaced
        /// The event does not follow the one before it: one of the two was changed.
        case chainBroken
        /// The counter did not sign this.
        case signatureWrong
        /// The last event is not signed, so nothing proves the log's end.
        case endUnsigned
        /// Hybrid time falls.
        case timeFalls
        /// The columns beside the event do not say what the event says.
        case columnsDiffer
        /// The views are not what the log makes of them; `rebuild` mends that.
        case viewsDiffer
    }

    /// How many events were found good.
    public let events: UInt64
    /// How many of them carry a signature.
    public let signatures: UInt64
    /// The hash of the last good event.
    public let head: EventHash
    /// The first bad place; nil when the views alone are bad, or all is good.
    public let position: UInt64?
    /// What is wrong; nil when all is good.
    public let problem: Problem?

    /// Whether nothing is wrong.
    public var isGood: Bool { problem == nil }
}

public import CardData

/// A service for the PIN was not carried to its end: why, where, and what is done already.
public struct HolderPINError: FaultReporting, Hashable, Sendable {
    /// Why.
    public let cause: CardError
    /// The directory that was at work.
    public let directory: String
    /// The directories in which it was done.
    public let done: [String]
    /// Those in which it was not.
    public let left: [String]
    /// True when the answer to the decisive command was lost: the card may have obeyed it.
    public let isUncertain: Bool
    /// What most likely made the card refuse a key, where it refused one.
    public internal(set) var likelyCauses: [Fault] = []

    /// True when the card is as it was, as far as the PIN goes.
    public var isUnchanged: Bool { done.isEmpty && !isUncertain }

    /// The error in the catalogue's terms.
    public var faults: [Fault] {
        var faults = cause.faults + likelyCauses
        if isUncertain { faults.append(Fault("pin.uncertain", ["directory": directory])) }
        if !done.isEmpty {
            faults.append(
                Fault("pin.partly", ["done": done.joined(separator: " "), "left": left.joined(separator: " ")]))
        }
        return faults
    }
}

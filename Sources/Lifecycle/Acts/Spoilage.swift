public import CardData

/// How a card failed in making.
public struct Spoilage: Hashable, Sendable {
    /// Why it cannot go out.
    public enum Reason: UInt8, Hashable, Sendable, CaseIterable {
        /// A command failed and the card cannot be finished.
        case writingFailed = 1
        /// What was read back is not what was written.
        case readBackDiffers = 2
        /// The print is bad.
        case printingFailed = 3
        /// Stopped by hand.
        case abandoned = 4
        /// Anything else.
        case other = 9
    }

    /// Why.
    public let reason: Reason
    /// The number that was meant for it; it is never handed out again, for it may stand on the plastic.
    public let number: CardNumber?
    /// The serial number of the blank's chip, which accounts for the blank.
    public let blankSerial: [UInt8]

    /// A failure in making.
    public init(_ reason: Reason, number: CardNumber?, blankSerial: [UInt8]) {
        self.reason = reason
        self.number = number
        self.blankSerial = blankSerial
    }
}

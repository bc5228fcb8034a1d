public import Lifecycle

/// What a place knows of a card by its identification code.
public struct KnownCard: Hashable, Sendable {
    /// The state that is shown of it.
    public let state: ShownState
    /// The historical bytes of the chip it was made on; nil where only the loss list is known.
    public let historicalBytes: [UInt8]?

    /// What is known of a card.
    public init(state: ShownState, historicalBytes: [UInt8]? = nil) {
        self.state = state
        self.historicalBytes = historicalBytes
    }
}

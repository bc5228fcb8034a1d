public import IssuerKeys
public import Lifecycle

/// What a place knows of a card by its identification code.
public struct KnownCard: Hashable, Sendable {
    /// The state that is shown of it.
    public let state: ShownState
    /// The historical bytes of the chip it was made on; nil where only the loss list is known.
    public let historicalBytes: [UInt8]?
    /// The versions of the keys it was made with; nil where they are not known.
    public let keyVersions: CardKeyVersions?

    /// What is known of a card.
    public init(state: ShownState, historicalBytes: [UInt8]? = nil, keyVersions: CardKeyVersions? = nil) {
        self.keyVersions = keyVersions
        self.state = state
        self.historicalBytes = historicalBytes
    }
}

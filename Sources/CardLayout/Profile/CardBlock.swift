extension COSProfile {
    /// How a card is blocked for good.
    public enum CardBlock: String, Hashable, Sendable, CaseIterable {
        /// CARD BLOCK (`84 16`) under the master file's key 36/00.
        case mac
        /// Not at all: the card is cut and kept, and the log says that it refuses.
        case none
    }
}

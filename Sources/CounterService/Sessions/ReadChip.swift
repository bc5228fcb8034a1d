import Issuing

/// What a session keeps of a chip that it held against the record: gone with the session, and never on the disk.
struct ReadChip: Hashable, Sendable {
    /// When, Unix milliseconds.
    let at: UInt64
    /// How many items differed from the record, or came with the card's own warning, and the photo where it cannot be shown.
    let differences: Int
    /// Whether some items stood in files that did not open.
    let hasClosed: Bool
    /// What the chip had of the holder's photo.
    let photo: ChipPhoto

    /// What a comparison has told.
    init(_ comparison: ChipComparison, at time: UInt64) {
        at = time
        differences =
            comparison.rows.count { $0.differs || $0.isDamaged }
            + ([.damaged, .unreadable].contains(comparison.photo) ? 1 : 0)
        hasClosed = comparison.rows.contains(where: \.isClosed)
        photo = comparison.photo
    }
}

import Issuing

/// What a change of a card's data would write, as it was shown: gone with the session, and with the change.
struct ComparedCard: Sendable {
    /// The chip beside the record, or what was begun.
    let finding: DataChangeDesk.Finding
    /// The mark of the record.
    let record: String
    /// The card's newest event then.
    let seen: UInt64
}

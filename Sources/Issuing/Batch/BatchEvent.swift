public import CardData
public import Personalization

/// Something that happened in a batch; rows are counted from 0.
public enum BatchEvent: Sendable {
    /// A reader that was plugged in works with the others.
    case laneJoined(lane: String)
    /// A lane waits for a card.
    case waiting(lane: String)
    /// A command was done; `overall` counts the commands of all rows, those of rows that are not begun as planned.
    case progress(lane: String, row: Int, PlanRunner.Progress, overall: BatchProgress)
    /// A row is settled.
    case settled(row: Int, BatchResult)
    /// A lane could not use the card in its reader; nothing was begun, and the row waits for another card.
    case returned(row: Int, lane: String, [Fault])
    /// A lane is out of service.
    case laneEnded(lane: String, [Fault])
}

/// How far a batch has come.
public struct BatchProgress: Hashable, Sendable {
    /// Commands done.
    public let done: Int
    /// Commands of all plans.
    public let total: Int
}

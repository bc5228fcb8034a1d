import Lifecycle
import Registry

/// What was done on one business day.
struct DayWork {
    private(set) var acts = ActCounts()
    private(set) var blanks = BlankUse()
    /// Cards that were made for somebody for whom another had been made shortly before.
    var repeats = 0
    /// Acts that the upper tier has not acknowledged.
    private(set) var unsent = 0
    private let acknowledged: UInt64

    /// - Parameter acknowledged: the place in the log up to which all is acknowledged.
    init(acknowledged: UInt64 = 0) { self.acknowledged = acknowledged }

    /// Takes in an event of the day, the newest first.
    mutating func take(_ logged: LoggedEvent) {
        acts.add(logged)
        blanks.take(logged)
        if logged.event.identifier.sequence > acknowledged { unsent += 1 }
    }

    /// Takes in how spoiled cards were made before the day; see ``BlankUse/settle(_:)``.
    mutating func settleBlanks(_ making: (CardReference) throws -> MadeCard?) rethrows { try blanks.settle(making) }
}

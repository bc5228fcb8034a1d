import Registry

/// What was done on one business day.
struct DayWork {
    private(set) var acts = ActCounts()
    private(set) var blanks = BlankUse()
    /// Cards that were made for somebody for whom another had been made shortly before.
    var repeats = 0

    /// Takes in an event of the day, the newest first.
    mutating func take(_ logged: LoggedEvent) {
        acts.add(logged)
        blanks.take(logged)
    }
}

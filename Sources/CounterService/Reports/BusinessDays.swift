import Lifecycle
import Registry

/// Which acts belong to a business day: an officer's day ends with their count, and what they do later is the next day's on which
/// anybody works, and no other's, whether they close that day or not.
struct BusinessDays {
    private let day: UInt32
    /// Where each officer's count of the day stands.
    private var ends: [UInt64: UInt64] = [:]
    /// Each officer's newest count of an earlier day.
    private var earlier: [UInt64: DayClosing] = [:]
    private let worked: Set<UInt32>

    /// - Parameters:
    ///   - closings: the days that were closed, that day and those before it.
    ///   - worked: the days before it on which anybody did anything.
    init(_ closings: [DayClosing], of day: UInt32, worked: Set<UInt32>) {
        self.day = day
        self.worked = worked
        for closing in closings {
            if closing.day == day {
                ends[closing.owner] = closing.sequence
            } else if closing.day < day, earlier[closing.owner].map({ $0.day <= closing.day }) ?? true {
                earlier[closing.owner] = closing
            }
        }
    }

    /// The first day of which something may be carried over; nil when there is none.
    var firstCarried: UInt32? { earlier.values.map(\.day).min() }

    /// Whether an act belongs to the day.
    func contains(_ event: Event) -> Bool {
        let written = Moment.day(event.wallMilliseconds)
        let sequence = event.identifier.sequence
        if written == day { return ends[event.officer].map { sequence <= $0 } ?? true }
        guard let closing = earlier[event.officer], closing.day == written else { return false }
        return sequence > closing.sequence && !worked.contains { closing.day < $0 && $0 < day }
    }
}

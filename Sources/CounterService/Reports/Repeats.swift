import Lifecycle
import Registry

/// 重复制卡: cards that were made for somebody for whom another had been made shortly before.
struct Repeats {
    /// How long before counts, in milliseconds.
    private let span: UInt64
    private let start: UInt64
    /// Each person's making that was taken in last: the next newer one.
    private var newer: [PersonReference: (sequence: UInt64, time: UInt64)] = [:]
    /// Where the second makings stand in the log.
    private(set) var sequences: [UInt64] = []

    /// - Parameters:
    ///   - start: the first millisecond of the report; what was made before is no repeat itself.
    ///   - days: how many days after another card one is a repeat.
    init(from start: UInt64, within days: Int) {
        self.start = start
        span = UInt64(days) * 86_400_000
    }

    /// The first millisecond of what has to be taken in.
    var firstTime: UInt64 { start - min(start, span) }

    /// Takes in an event, the newest first, from ``firstTime`` on.
    mutating func take(_ logged: LoggedEvent) {
        guard case .personalized(let facts) = logged.body.act else { return }
        let (sequence, time) = (logged.event.identifier.sequence, logged.event.wallMilliseconds)
        // By a clock that went back between them they are no further apart.
        if let later = newer[facts.person], later.time >= start, later.time - min(later.time, time) <= span {
            sequences.append(later.sequence)
        }
        newer[facts.person] = (sequence, time)
    }
}

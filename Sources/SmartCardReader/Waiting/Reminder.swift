/// When somebody who waits is reminded: once, after a while, on the clock it is given.
public struct Reminder: Sendable {
    private let start: @Sendable () -> @Sendable () -> Bool

    /// A reminder.
    ///
    /// - Parameters:
    ///   - patience: how long a wait may last before it is due.
    ///   - clock: what it is measured on.
    public init(after patience: Duration = .seconds(15), clock: some Clock<Duration> = ContinuousClock()) {
        start = {
            let deadline = clock.now.advanced(by: patience)
            return { clock.now >= deadline }
        }
    }

    /// Begins a wait; the answer says whether the reminder is due.
    func begin() -> @Sendable () -> Bool { start() }
}

import Dispatch
import Synchronization

/// Looks every second whether a command has been without an answer for long, and tells it once.
///
/// PC/SC has no way to call a command off, and some drivers wait without end for a card that has fallen silent. Taking the card out
/// ends the wait, so whoever stands at the reader has to hear of it.
final class SilenceWatch: Sendable {
    private static let nothingSent: UInt64 = 0
    private static let told = UInt64.max

    /// When the command under way was sent, in nanoseconds of the clock.
    private let sent = Atomic<UInt64>(nothingSent)
    private let patience: UInt64
    private let now: @Sendable () -> UInt64
    private let tell: @Sendable () -> Void
    /// Set up once, and cancelled when the watch ends.
    nonisolated(unsafe) private let timer: any DispatchSourceTimer

    /// A watch over one card.
    ///
    /// - Parameters:
    ///   - patience: how long an answer may take. Keys and signatures take a card seconds.
    ///   - now: the clock, in nanoseconds from a start above zero.
    ///   - tell: called from another thread.
    init(
        patience: Duration, now: @escaping @Sendable () -> UInt64 = { DispatchTime.now().uptimeNanoseconds },
        tell: @escaping @Sendable () -> Void
    ) {
        self.patience = UInt64(patience.wholeMilliseconds) * 1_000_000
        self.now = now
        self.tell = tell
        timer = DispatchSource.makeTimerSource(queue: .global())
        timer.setEventHandler { [weak self] in self?.look() }
        timer.schedule(deadline: .now() + 1, repeating: 1)
        timer.activate()
    }

    deinit { timer.cancel() }

    /// A command goes out.
    func begin() { sent.store(now(), ordering: .relaxed) }

    /// Its answer is there, or its failure.
    func end() { sent.store(Self.nothingSent, ordering: .relaxed) }

    /// Tells when the command under way has waited too long.
    func look() {
        let since = sent.load(ordering: .relaxed)
        guard since != Self.nothingSent, since != Self.told, now() &- since >= patience else { return }
        guard sent.compareExchange(expected: since, desired: Self.told, ordering: .relaxed).exchanged else { return }
        tell()
    }
}

import Glibc

/// A card that takes as long for its commands as one of plastic; the thread that serves it sleeps.
public final class TimedCard: VirtualReaderCard {
    private let card: any VirtualReaderCard
    private let timing: CardTiming
    private let sleep: (Duration) -> Void

    /// A slow form of a card.
    ///
    /// - Parameters:
    ///   - card: answers the commands.
    ///   - timing: how long each of them takes.
    ///   - sleep: waits for so long; the system's sleep unless told otherwise.
    public init(
        _ card: any VirtualReaderCard, timing: CardTiming, sleep: @escaping (Duration) -> Void = TimedCard.sleepThread
    ) {
        self.card = card
        self.timing = timing
        self.sleep = sleep
    }

    /// The card's own.
    public var answerToReset: [UInt8] { card.answerToReset }
    /// Passed on.
    public func powerOn() { card.powerOn() }
    /// Passed on.
    public func powerOff() { card.powerOff() }
    /// Passed on.
    public func reset() { card.reset() }
    /// Passed on.
    public func idle() { card.idle() }

    /// The card's answer, after the time it takes.
    public func respond(to command: [UInt8]) -> [UInt8] {
        let answer = card.respond(to: command)
        sleep(timing.duration(of: command, answer: answer))
        return answer
    }

    /// Lets the calling thread sleep, signals notwithstanding (`nanosleep(2)`).
    public static func sleepThread(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        var left = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
        var rest = timespec()
        while nanosleep(&left, &rest) != 0, errno == EINTR { left = rest }
    }
}

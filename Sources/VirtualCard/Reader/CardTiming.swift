/// How long a card of plastic takes for a command: turn-round, the bytes on the line both ways, and the chip's work.
///
/// The figures are those by which a plan's time is predicted (`CostModel` of Personalization), measured on an FM1208 and printed in a
/// TimeCOS manual. They stand here once more because a card knows commands and not why they are sent, and because the virtual
/// card may use nothing of the side that makes cards; a test holds the two together over a whole plan.
public struct CardTiming: Hashable, Sendable {
    /// Bits a second on the line; a byte takes 12 elementary time units.
    public let baudRate: Int
    /// What the chip takes to write its memory for one command.
    public let memoryWrite: Duration

    /// The time between a command's last bit and its answer's first, beside the chip's work.
    private static let turnRound = Duration.milliseconds(2)
    /// Work without cryptography or writing.
    private static let reading = Duration.milliseconds(2)
    /// Authenticating, or verifying the PIN.
    private static let authenticating = Duration.milliseconds(37)
    /// Deciphering, checking and storing a key.
    private static let storingKey = Duration.milliseconds(53)

    /// A timing for a line speed.
    ///
    /// - Parameters:
    ///   - baudRate: at least 1.
    ///   - memoryWrite: a chip of another make may write faster or slower than the 16 ms that were measured.
    /// - Returns: nil for a line that carries nothing or a time below zero.
    public init?(baudRate: Int, memoryWrite: Duration = .milliseconds(16)) {
        guard baudRate > 0, memoryWrite >= .zero else { return nil }
        self.baudRate = baudRate
        self.memoryWrite = memoryWrite
    }

    /// How long a command with that answer takes, both with all their bytes.
    public func duration(of command: [UInt8], answer: [UInt8]) -> Duration {
        let bits = (command.count + answer.count) * 12
        return Self.turnRound + .nanoseconds(bits * 1_000_000_000 / baudRate) + work(command)
    }

    private func work(_ command: [UInt8]) -> Duration {
        guard command.count > 1 else { return .zero }
        return switch (command[0], command[1]) {
        case (_, 0x82), (_, 0x88), (_, 0x20): Self.authenticating
        // A key in plain is only stored.
        case (0x84, 0xD4): Self.storingKey
        case (_, 0xD4), (_, 0xE0), (_, 0x0E), (_, 0xD6), (_, 0xD0), (_, 0xDC), (_, 0xD2), (_, 0xE2): memoryWrite
        default: Self.reading
        }
    }
}

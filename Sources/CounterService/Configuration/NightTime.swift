import CardData

/// 夜间核验的时刻: a minute of each day by China's one time zone, whatever zone the machine is set to.
public struct NightTime: Hashable, Sendable {
    /// Minutes after midnight.
    public let minute: Int

    /// Half past three, when no office works and nothing else is usually planned on the hour.
    public static let usual = NightTime(minute: 3 * 60 + 30)

    static let millisecondsOfDay: UInt64 = 86_400_000

    private init(minute: Int) { self.minute = minute }

    /// Reads `03:30`; nil for anything else.
    public init?(_ text: String) {
        guard let match = text.wholeMatch(of: /([01]\d|2[0-3]):([0-5]\d)/), let hour = Int(match.1),
            let minute = Int(match.2)
        else { return nil }
        self.init(minute: hour * 60 + minute)
    }

    /// As it is written.
    public var text: String {
        let parts = [minute / 60, minute % 60]
        return parts.map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
    }

    /// When it is that time next behind a moment, Unix milliseconds.
    func next(after milliseconds: UInt64) -> UInt64 {
        let offset = UInt64(CardDate.chinaOffset) * 1000
        let day = (milliseconds + offset) / Self.millisecondsOfDay
        let wanted = day * Self.millisecondsOfDay + UInt64(minute) * 60_000
        return (wanted > milliseconds + offset ? wanted : wanted + Self.millisecondsOfDay) - offset
    }
}

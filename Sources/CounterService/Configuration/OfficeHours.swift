import Foundation

/// 办公时间: from a minute of the day to another, by the machine's own time zone, every day alike.
public struct OfficeHours: Hashable, Sendable {
    /// The first minute after midnight at which the office is open.
    public let opens: Int
    /// The first one at which it is closed again.
    public let closes: Int

    /// From eight to eighteen o'clock.
    public static let usual = OfficeHours(opens: 8 * 60, closes: 18 * 60)

    private init(opens: Int, closes: Int) {
        self.opens = opens
        self.closes = closes
    }

    /// Reads `08:30-17:30`; nil for anything else, and for an office that closes before it opens.
    public init?(_ text: String) {
        guard let match = text.wholeMatch(of: /([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)/),
            let hour = Int(match.1), let minute = Int(match.2), let lastHour = Int(match.3),
            let lastMinute = Int(match.4),
            hour * 60 + minute < lastHour * 60 + lastMinute
        else { return nil }
        self.init(opens: hour * 60 + minute, closes: lastHour * 60 + lastMinute)
    }

    /// Whether the office is open at a moment, Unix milliseconds.
    func contains(_ milliseconds: UInt64) -> Bool { (opens..<closes).contains(Moment.minute(milliseconds)) }

    /// As it is written.
    var text: String { "\(Self.written(opens))-\(Self.written(closes))" }

    private static func written(_ minutes: Int) -> String {
        func digits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(digits(minutes / 60)):\(digits(minutes % 60))"
    }
}

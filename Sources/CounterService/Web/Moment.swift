import Foundation

/// A moment as people read it, by the machine's own time zone.
enum Moment {
    private static func parts(_ milliseconds: UInt64) -> DateComponents {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .current
        return calendar.dateComponents(
            [.year, .month, .day, .hour, .minute, .second],
            from: Date(timeIntervalSince1970: Double(milliseconds) / 1000))
    }

    private static func digits(_ value: Int?, _ count: Int = 2) -> String {
        let text = String(value ?? 0)
        return String(repeating: "0", count: max(0, count - text.count)) + text
    }

    /// `2026-11-28 17:29:03`.
    static func text(_ milliseconds: UInt64) -> String {
        let parts = parts(milliseconds)
        return "\(digits(parts.year, 4))-\(digits(parts.month))-\(digits(parts.day)) "
            + "\(digits(parts.hour)):\(digits(parts.minute)):\(digits(parts.second))"
    }

    /// Reads what a browser's field for date and time sends, `2026-11-28T17:29`, seconds or not, as Unix milliseconds; nil for anything else.
    static func milliseconds(_ text: String) -> UInt64? {
        guard let match = text.wholeMatch(of: /(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2}))?/) else {
            return nil
        }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .current
        var wanted = DateComponents(
            year: Int(match.1), month: Int(match.2), day: Int(match.3), hour: Int(match.4), minute: Int(match.5),
            second: match.6.flatMap { Int($0) } ?? 0)
        wanted.calendar = calendar
        // 30 February is none, and would else be taken for a day of March.
        guard wanted.isValidDate, let date = wanted.date, date.timeIntervalSince1970 >= 0 else { return nil }
        return UInt64(date.timeIntervalSince1970) * 1000
    }

    /// The day as a number of eight digits.
    static func day(_ milliseconds: UInt64) -> UInt32 {
        let parts = parts(milliseconds)
        return UInt32((parts.year ?? 0) * 10_000 + (parts.month ?? 0) * 100 + (parts.day ?? 0))
    }
}

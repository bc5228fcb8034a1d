import CardData
import Foundation

/// A moment as people in China read it, whatever time zone the machine is set to.
enum Moment {
    private static var calendar: Calendar {
        var calendar = Calendar(identifier: .gregorian)
        if let zone = TimeZone(secondsFromGMT: CardDate.chinaOffset) { calendar.timeZone = zone }
        return calendar
    }

    private static func parts(_ milliseconds: UInt64) -> DateComponents {
        calendar.dateComponents(
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
        guard
            let match = text.wholeMatch(
                of: /([0-9]{4})-([0-9]{2})-([0-9]{2})[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?/),
            // What is no plain number would be left out, and another moment taken for the one that was typed.
            let year = Int(match.1), let month = Int(match.2), let day = Int(match.3), let hour = Int(match.4),
            let minute = Int(match.5), let second = Int(match.6 ?? "0")
        else { return nil }
        var wanted = DateComponents(
            year: year, month: month, day: day, hour: hour, minute: minute, second: second)
        wanted.calendar = calendar
        // 30 February is none, and would else be taken for a day of March.
        guard wanted.isValidDate, let date = wanted.date, date.timeIntervalSince1970 >= 0 else { return nil }
        return UInt64(date.timeIntervalSince1970) * 1000
    }

    /// Minutes since midnight.
    static func minute(_ milliseconds: UInt64) -> Int {
        let parts = parts(milliseconds)
        return (parts.hour ?? 0) * 60 + (parts.minute ?? 0)
    }

    /// When a day begins and when the next one does, Unix milliseconds; nil for a number that is no day.
    static func bounds(of day: UInt32) -> Range<UInt64>? {
        var wanted = DateComponents(
            year: Int(day / 10_000), month: Int(day / 100 % 100), day: Int(day % 100), hour: 0, minute: 0, second: 0)
        wanted.calendar = calendar
        guard wanted.isValidDate, let start = wanted.date, start.timeIntervalSince1970 >= 0,
            let end = calendar.date(byAdding: .day, value: 1, to: start)
        else { return nil }
        return UInt64(start.timeIntervalSince1970 * 1000)..<UInt64(end.timeIntervalSince1970 * 1000)
    }

    /// A day as browsers write it, `2026-11-28`, as a number of eight digits; nil for anything else.
    static func day(written text: String) -> UInt32? {
        guard text.wholeMatch(of: /[0-9]{4}-[0-9]{2}-[0-9]{2}/) != nil,
            let day = UInt32(text.replacingOccurrences(of: "-", with: "")), bounds(of: day) != nil
        else { return nil }
        return day
    }

    /// A number of eight digits as browsers write a day.
    static func written(_ day: UInt32) -> String {
        "\(digits(Int(day / 10_000), 4))-\(digits(Int(day / 100 % 100)))-\(digits(Int(day % 100)))"
    }

    /// The day as a number of eight digits.
    static func day(_ milliseconds: UInt64) -> UInt32 {
        let parts = parts(milliseconds)
        return UInt32((parts.year ?? 0) * 10_000 + (parts.month ?? 0) * 100 + (parts.day ?? 0))
    }
}

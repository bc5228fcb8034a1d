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

    /// The day as a number of eight digits.
    static func day(_ milliseconds: UInt64) -> UInt32 {
        let parts = parts(milliseconds)
        return UInt32((parts.year ?? 0) * 10_000 + (parts.month ?? 0) * 100 + (parts.day ?? 0))
    }
}

/// A moment to the second, in coordinated universal time, as records write it: `2026-11-28T18:47:00Z`.
public struct RecordTime: Hashable, Sendable, Comparable {
    /// Seconds since 1970-01-01T00:00:00Z.
    public let seconds: UInt64
    private static let last: UInt64 = 253_402_300_799  // the end of the year 9999

    /// A moment; later ones than the year 9999 become its end.
    public init(seconds: UInt64) { self.seconds = min(seconds, Self.last) }

    /// By time.
    public static func < (left: RecordTime, right: RecordTime) -> Bool { left.seconds < right.seconds }

    /// So many days later.
    public func adding(days: UInt64) -> RecordTime { RecordTime(seconds: seconds + 86_400 * min(days, 100_000)) }
}

extension RecordTime: CustomStringConvertible {
    /// `2026-11-28T18:47:00Z`.
    public var description: String {
        func digits(_ number: UInt64, _ count: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        // days since 0000-03-01 of the proleptic Gregorian calendar, where leap days end the years
        let days = seconds / 86_400 + 719_468
        let (era, dayOfEra) = days.quotientAndRemainder(dividingBy: 146_097)
        let year = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * year + year / 4 - year / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        let second = seconds % 86_400
        return digits(era * 400 + year + (month <= 2 ? 1 : 0), 4) + "-" + digits(month, 2) + "-" + digits(day, 2) + "T"
            + digits(second / 3600, 2) + ":" + digits(second / 60 % 60, 2) + ":" + digits(second % 60, 2) + "Z"
    }

    /// Reads a moment as `description` writes it; nil when it is none.
    public init?(_ text: String) {
        let pattern = Array("dddd-dd-ddTdd:dd:ddZ".utf8)
        let bytes = Array(text.utf8)
        guard bytes.count == pattern.count,
            zip(bytes, pattern).allSatisfy({ $1 == 0x64 ? (0x30...0x39).contains($0) : $0 == $1 })
        else { return nil }
        func number(_ range: Range<Int>) -> UInt64 { bytes[range].reduce(0) { $0 * 10 + UInt64($1 - 0x30) } }
        let (year, month, day) = (number(0..<4), number(5..<7), number(8..<10))
        guard year >= 1970, (1...12).contains(month), day >= 1 else { return nil }
        let shifted = month <= 2 ? year - 1 : year
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let yearOfEra = shifted % 400
        let days = shifted / 400 * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        self.init(seconds: days * 86_400 + number(11..<13) * 3600 + number(14..<16) * 60 + number(17..<19))
        // a 30th of February, or a 25th hour, is written differently
        guard description == text else { return nil }
    }
}

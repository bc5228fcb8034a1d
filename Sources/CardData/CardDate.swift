/// A day of the Gregorian calendar, as the card holds it: YYYYMMDD (GB/T 7408).
public struct CardDate: Hashable, Sendable {
    /// The year, 1…9999.
    public let year: Int
    /// The month, 1…12.
    public let month: Int
    /// The day of the month, from 1.
    public let day: Int

    /// A day that the calendar has; throws `date.calendar` for any other.
    public init(year: Int, month: Int, day: Int) throws(Faults) {
        guard (1...9999).contains(year), (1...12).contains(month),
            (1...Self.days(inMonth: month, of: year)).contains(day)
        else { throw Faults("date.calendar", ["date": "\(year)-\(month)-\(day)"]) }
        self.init(valid: year, month, day)
    }

    /// Reads eight digits YYYYMMDD; throws `date.form` or `date.calendar`.
    @_specialize(where Text == String)
    @_specialize(where Text == Substring)
    public init<Text: StringProtocol>(_ text: Text) throws(Faults) {
        // Rows of a registry are read by millions of these: without an array on the way.
        var (number, count) = (0, 0)
        for digit in text.utf8 {
            guard count < 8, (0x30...0x39).contains(digit) else {
                count = 0
                break
            }
            number = number * 10 + Int(digit - 0x30)
            count += 1
        }
        guard count == 8 else { throw Faults("date.form", ["text": String(text.prefix(20))]) }
        let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100)
        guard year > 0, (1...12).contains(month), (1...Self.days(inMonth: month, of: year)).contains(day) else {
            throw Faults("date.calendar", ["date": String(text)])
        }
        self.init(valid: year, month, day)
    }

    private init(valid year: Int, _ month: Int, _ day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// Eight digits YYYYMMDD.
    public var text: String {
        let number = year * 10_000 + month * 100 + day
        let digits = String(number)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// The same day so many years later or earlier; 29 February becomes the 28th where the year has none, and years stay within 1…9999.
    public func adding(years: Int) -> CardDate {
        let target = min(max(year + min(max(years, -9999), 9999), 1), 9999)
        return CardDate(valid: target, month, min(day, Self.days(inMonth: month, of: target)))
    }

    /// The same day so many months later or earlier, or the last of a month that has no such day; years stay within 1…9999.
    public func adding(months: Int) -> CardDate {
        let whole = year * 12 + month - 1 + min(max(months, -120_000), 120_000)
        let target = min(max(whole, 12), 9999 * 12 + 11)
        let (year, month) = (target / 12, target % 12 + 1)
        return CardDate(valid: year, month, min(day, Self.days(inMonth: month, of: year)))
    }

    /// Whole years from this day to a later one, as ages are counted: the birthday itself completes the year.
    public func wholeYears(until other: CardDate) -> Int {
        let years = other.year - year
        return (other.month, other.day) < (month, day) ? years - 1 : years
    }

    private static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension CardDate: Comparable {
    /// Earlier days come first.
    public static func < (left: CardDate, right: CardDate) -> Bool {
        (left.year, left.month, left.day) < (right.year, right.month, right.day)
    }
}

extension CardDate: CustomStringConvertible {
    /// Eight digits YYYYMMDD.
    public var description: String { text }
}

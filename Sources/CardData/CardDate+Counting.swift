/// Days counted from 1 January 1970, which is day 0.
extension CardDate {
    /// Days since 1 January 1970; negative before.
    public var dayNumber: Int {
        // Years from March on, so that a leap day ends its year, in cycles of 400 years and 146,097 days.
        let shifted = month > 2 ? year : year - 1
        let (cycle, yearOfCycle) = (shifted / 400, shifted % 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfCycle = yearOfCycle * 365 + yearOfCycle / 4 - yearOfCycle / 100 + dayOfYear
        return cycle * 146_097 + dayOfCycle - Self.firstDay
    }

    /// The day with this number; throws `date.calendar` outside the years 1…9999.
    public init(dayNumber: Int) throws(Faults) {
        guard (-Self.firstDay...3_000_000).contains(dayNumber) else {
            throw Faults("date.calendar", ["date": String(dayNumber)])
        }
        let days = dayNumber + Self.firstDay
        let (cycle, dayOfCycle) = (days / 146_097, days % 146_097)
        let yearOfCycle = (dayOfCycle - dayOfCycle / 1460 + dayOfCycle / 36_524 - dayOfCycle / 146_096) / 365
        let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
        let march = (5 * dayOfYear + 2) / 153
        let month = march < 10 ? march + 3 : march - 9
        let year = cycle * 400 + yearOfCycle + (month > 2 ? 0 : 1)
        try self.init(year: year, month: month, day: dayOfYear - (153 * march + 2) / 5 + 1)
    }

    /// What China's clocks are ahead of UTC, in seconds: one time zone without summer time (since 1992), whatever the machine is set to.
    public static let chinaOffset = 28_800

    /// The day in China at a moment; throws `date.calendar` outside the years 1…9999.
    ///
    /// - Parameter milliseconds: Unix time.
    public init(atMilliseconds milliseconds: UInt64) throws(Faults) {
        try self.init(dayNumber: Int(clamping: milliseconds / 1000 + UInt64(Self.chinaOffset)) / 86_400)
    }

    /// From 1 March of the year 0 to 1 January 1970.
    private static let firstDay = 719_468
}

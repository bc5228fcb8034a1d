import CardData

extension CardDate {
    /// The day so many days later or earlier; the day itself where the calendar has none.
    ///
    /// Days are counted from 1 March of year 0, so that a leap day is the last of its year.
    func adding(days: Int) -> CardDate {
        let number = marchDay + days
        guard number >= 0 else { return self }
        let (era, dayOfEra) = number.quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (try? CardDate(year: year, month: month, day: dayOfYear - (153 * shifted + 2) / 5 + 1)) ?? self
    }

    /// Days since 1 March of year 0.
    private var marchDay: Int {
        let year = month <= 2 ? year - 1 : year
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return 365 * year + year / 4 - year / 100 + year / 400 + dayOfYear
    }
}

import CardData
import Testing

@Suite struct CardDateTests {
    @Test(arguments: ["20261122", "20240229", "20000229", "00010101", "99991231"])
    func readsDaysOfTheCalendar(text: String) throws {
        #expect(try CardDate(text).text == text)
    }

    // Gregorian rule: 1900 and 2100 are no leap years, 2000 is
    @Test(arguments: ["19000229", "21000229", "20250229", "20261131", "20260000", "20261301", "20260132", "00000101"])
    func refusesDaysTheCalendarDoesNotHave(text: String) {
        #expect(codes { try CardDate(text) } == ["date.calendar"])
    }

    @Test(arguments: ["", "2026112", "202611222", "2026-1-2", "２０２６１１２２", "2026112 ", "+2026112", "-2026112"])
    func refusesWhatIsNotEightDigits(text: String) {
        #expect(codes { try CardDate(text) } == ["date.form"])
    }

    @Test func addsYearsAndKeepsToTheCalendar() throws {
        #expect(try CardDate("20261122").adding(years: 10).text == "20361122")
        #expect(try CardDate("20240229").adding(years: 1).text == "20250228")
        #expect(try CardDate("20240229").adding(years: 4).text == "20280229")
        #expect(try CardDate("99991231").adding(years: .max).text == "99991231")
        #expect(try CardDate("00010101").adding(years: .min).text == "00010101")
    }

    @Test func countsWholeYearsFromBirthdayToBirthday() throws {
        let birth = try CardDate("20101122")
        #expect(birth.wholeYears(until: try CardDate("20261121")) == 15)
        #expect(birth.wholeYears(until: try CardDate("20261122")) == 16)
        #expect(try CardDate("20261231") < CardDate("20270101"))
    }
}

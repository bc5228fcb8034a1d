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

    /// Python's datetime counts these.
    @Test func daysAreCountedFrom1970() throws {
        let numbers = [
            "19700101": 0, "20000229": 11016, "20000301": 11017, "20261129": 20786, "00010101": -719_162,
            "99991231": 2_932_896, "19000228": -25509,
        ]
        for (text, number) in numbers {
            let date = try CardDate(text)
            #expect(date.dayNumber == number)
            #expect(try CardDate(dayNumber: number) == date)
        }
        for number in stride(from: -700_000, to: 2_900_000, by: 997) {
            #expect(try CardDate(dayNumber: number).dayNumber == number)
        }
        #expect(throws: Faults.self) { try CardDate(dayNumber: 2_932_897) }
        #expect(throws: Faults.self) { try CardDate(dayNumber: -719_163) }
    }

    @Test func monthsAreAddedAndEndWhereTheMonthEnds() throws {
        #expect(try CardDate("20251009").adding(months: 12).text == "20261009")
        #expect(try CardDate("20251031").adding(months: 4).text == "20260228")
        #expect(try CardDate("20240331").adding(months: -1).text == "20240229")
        #expect(try CardDate("20251231").adding(months: 0).text == "20251231")
        #expect(try CardDate("99991231").adding(months: 1).text == "99991231")
    }
}

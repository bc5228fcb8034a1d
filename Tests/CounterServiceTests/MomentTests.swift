import CardData
import Foundation
import Testing

@testable import CounterService

/// Times as people in China read them, whatever the machine is set to.
///
/// Expected values of `TZ=Asia/Shanghai date`, which these tests do not ask: they run in any zone.
@Suite struct MomentTests {
    @Test func textsAndDaysAreChinas() throws {
        #expect(Moment.text(1_790_000_000_000) == "2026-09-21 22:13:20")
        #expect(Moment.text(1_767_283_199_000) == "2026-01-01 23:59:59")
        #expect(Moment.day(1_767_283_199_999) == 20_260_101)
        #expect(Moment.day(1_767_283_200_000) == 20_260_102)
        #expect(Moment.minute(1_767_283_199_000) == 23 * 60 + 59)
        #expect(try CardDate(atMilliseconds: 1_767_283_199_999).text == "20260101")
        #expect(try CardDate(atMilliseconds: 1_767_283_200_000).text == "20260102")
    }

    @Test func whatABrowserSendsIsReadSo() {
        #expect(Moment.milliseconds("2026-11-28T17:29") == 1_795_858_140_000)
        #expect(Moment.milliseconds("2026-02-30T17:29") == nil)
        // Full-width digits, as an input method types them, are no digits here: half of them would be left out.
        for typed in ["2026-１１-28T17:29", "2026-11-２８T17:29", "2026-11-28T１７:29", "2026-11-28T17:29\u{301}"] {
            #expect(Moment.milliseconds(typed) == nil, "\(typed)")
        }
        #expect(Moment.day(written: "2026-１１-28") == nil)
        #expect(Moment.bounds(of: 20_261_128)?.lowerBound == 1_795_795_200_000)
        #expect(Moment.bounds(of: 20_261_128)?.upperBound == 1_795_795_200_000 + 86_400_000)
    }

    @Test func numbersAreReadAsTheyArePasted() {
        let typed = Fields(values: ["a": " 990124 ２０26012531１Ｘ ", "b": "ｄ0000000-5", "c": "990124\u{3000}20260125"])
        #expect(typed.number("a") == "99012420260125311X")
        #expect(typed.number("b") == "D0000000-5")
        #expect(typed.number("c") == "99012420260125")
        #expect(CounterWeb.name("９９０１２４") == nil)
        #expect(CounterWeb.name("Ｄ００００") == nil)
        #expect(CounterWeb.name("阿") == "阿")
    }
}

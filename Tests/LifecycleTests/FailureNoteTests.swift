import Lifecycle
import Testing

/// What a factory's file says of a card that could not be made: kept on one line, and no person's number with it.
@Suite struct FailureNoteTests {
    @Test(arguments: [
        "99012420260125311X", "９９０１２４２０２６０１２５３１１Ｘ", "990124 20260125 311X", "990124-20260125-311x",
        "9901 2420 2601 2531 1X", "990124\u{200D}20260125\u{200B}311X", "99012420260125311Ⅹ", "990124/20260125/311X",
        "٩٩٠١٢٤٢٠٢٦٠١٢٥٣١١٨",
    ])
    func noNumberOfAPersonIsKept(number: String) {
        #expect(FailureNote("照片不清 \(number)")?.text == "照片不清 …")
        #expect(FailureNote("\(number)，重名")?.text.hasPrefix("…") == true)
    }

    @Test(arguments: ["批 20260125-311", "第 12345 行", "2026-01-25 12:30:45", "B2026-01"])
    func otherNumbersStay(words: String) { #expect(FailureNote(words)?.text == words) }

    @Test func itIsOneLineOfAFewHundredBytes() {
        #expect(FailureNote(" a\u{202E}\r\n\u{2028}b ")?.text == "a b")
        #expect(FailureNote("\u{200B}\n") == nil)
        // A letter and marks without end are one character.
        #expect(FailureNote("Z" + String(repeating: "\u{301}", count: 30_000))?.text.utf8.count == 299)
        #expect(FailureNote(String(repeating: "字", count: 101))?.text.utf8.count == 300)
    }

    @Test(arguments: [
        ("缺 监护人  证件", false), (" 照片 ", false), ("", false), ("号码 990165200802116857 不符", true),
        (String(repeating: "长", count: 101), true), (String(repeating: "长", count: 100), false),
    ])
    func `it is known beforehand whether a note would lose something`(words: String, isShortened: Bool) {
        #expect(FailureNote.shortens(words) == isShortened)
    }
}

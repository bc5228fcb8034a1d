import CardData
import Testing

@testable import CounterService

/// What is filled into a page stays text, whatever signs stand beside its marks.
@Suite struct PageTextTests {
    /// U+0301 joins the mark before it, U+0601 the one behind it, U+200D and U+FE0F the one before: to Swift one character, to a browser two.
    @Test(arguments: ["", "\u{301}", "\u{200D}", "\u{FE0F}", "\u{20E3}"], ["", "\u{601}", "\u{110BD}"])
    func noSignHidesAMark(behind: String, before: String) {
        let marks = ["<": "&lt;", ">": "&gt;", "&": "&amp;", "\"": "&quot;", "'": "&#39;"]
        for (mark, escaped) in marks {
            #expect(
                Array(PageText().escapeText("张" + before + mark + behind).utf8)
                    == Array(("张" + before + escaped + behind).utf8))
        }
    }

    /// In the page itself, in parts of it, and in lists.
    @Test func everyPlaceOfAPageIsFilledInThisWay() throws {
        let hostile = "\u{601}<b\u{301} onfocus=\"\u{301}'"
        let entry: View = ["path": hostile, "name": hostile, "number": hostile, "value": hostile]
        let view: View = ["query": hostile, "hasMatches": true, "matches": [entry], "purposes": [entry]]
        let page = try PageRenderer(office: hostile).text(
            "search", view, .chinese, faults: [Fault("csv.quotation", ["file": hostile])])
        #expect(page.utf8.count(of: "\u{601}&lt;b\u{301} onfocus=&quot;\u{301}&#39;") > 8)
        #expect(page.utf8.count(of: "\u{601}<") == 0)
        #expect(page.utf8.count(of: "\"\u{301}") == 0)
    }
}

extension String.UTF8View {
    /// How often the bytes of a text stand in it.
    fileprivate func count(of text: String) -> Int {
        let (bytes, part) = (Array(self), Array(text.utf8))
        return bytes.indices.count { bytes[$0...].starts(with: part) }
    }
}

import ByteText
import Testing

/// Signs that nobody sees, or that turn what others see (Unicode, general categories Cc, Cf, Zl, Zp).
@Suite struct PlainLineTests {
    @Test(arguments: ["", "DW-2026-17", "张三", "é e\u{301}", "👍", "a b\u{3000}c"])
    func whatIsSeenIsPlain(text: String) {
        #expect(text.isPlainLine)
        #expect(text.plain() == text)
    }

    @Test(arguments: [
        "\u{0}", "\u{7}", "\u{1B}", "\u{7F}", "\u{9B}", "\u{200B}", "\u{200D}", "\u{202E}", "\u{2066}", "\u{2028}",
        "\u{2029}", "\u{FEFF}", "\u{601}", "\r",
    ])
    func whatNobodySeesIsShown(sign: String) {
        let text = "A\(sign)\u{301}B"
        #expect(!text.isPlainLine)
        #expect(text.plain().unicodeScalars.elementsEqual("A\u{FFFD}\u{301}B".unicodeScalars))
    }

    @Test func linesAndTabsOfAScreenStay() {
        #expect(!"a\nb".isPlainLine && !"a\tb".isPlainLine)
        #expect("a\nb\tc".plain() == "a\nb\tc")
        #expect("a\r\nb".plain(replacement: " ") == "a \nb")
    }
}

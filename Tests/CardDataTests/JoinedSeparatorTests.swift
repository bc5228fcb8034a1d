import Testing

@testable import CardData

/// Signs beside a comma or a quotation mark: one character to Swift, two to everybody who wrote the file.
@Suite struct JoinedSeparatorTests {
    @Test(arguments: [
        ("a,b\nc,\u{301}d\n", 2), ("a\n\"x\"\u{301},b\n", 2), ("a\n\nb\u{601},c\n", 3), ("\u{200D}a,\u{200D}b", 1),
    ])
    func aHiddenMarkIsTold(text: String, line: Int) {
        #expect(text.lineOfJoinedSeparator == line)
        #expect(
            throws: Faults(
                "csv.joined-separator", ["file": "f", "line": String(line)], at: SourcePlace(file: "f", line: line))
        ) {
            _ = try CommaSeparatedText(text, file: "f")
        }
    }

    @Test(arguments: ["张三,\"李\"\"四\",é\r\n", "a,e\u{301}\nb\u{601}c,d\n", "，“”"])
    func signsElsewhereAreNobodysAffair(text: String) { #expect(text.lineOfJoinedSeparator == nil) }
}

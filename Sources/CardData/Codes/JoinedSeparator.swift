extension String {
    /// The line, from 1, on which a sign joins a comma or a quotation mark; nil where none does.
    ///
    /// Readers of comma-separated text that go from character to character, as ours does, do not see a mark that U+0301 stands behind or
    /// U+0601 before: the rows after it would become one field.
    var lineOfJoinedSeparator: Int? {
        var line = 1
        var before: Unicode.Scalar = "\n"
        for scalar in unicodeScalars {
            let isMark = Self.isSeparator(scalar) || Self.isSeparator(before)
            if isMark, Self.mayJoin(scalar) || Self.mayJoin(before) {
                var pair = UnicodeScalarView()
                pair.append(before)
                pair.append(scalar)
                if String(pair).count == 1 { return line }
            }
            if scalar == "\n" { line += 1 }
            before = scalar
        }
        return nil
    }

    private static func isSeparator(_ scalar: Unicode.Scalar) -> Bool { scalar == "," || scalar == "\"" }

    /// Plain and Chinese signs, nearly all that files of people hold, join nothing.
    private static func mayJoin(_ scalar: Unicode.Scalar) -> Bool {
        !(scalar.value < 0x300 || (0x3400...0x9FFF).contains(scalar.value) || (0xFF00...0xFFEF).contains(scalar.value))
    }
}

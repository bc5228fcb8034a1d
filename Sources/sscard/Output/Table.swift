/// Text in columns; Chinese characters take two places.
struct Table {
    private var rows: [[String]]

    init(_ heads: String...) { rows = [heads] }

    mutating func add(_ cells: String...) { rows.append(cells) }

    /// The lines, as wide as they have to be.
    var text: String { text(widths) }

    /// The lines, cells of the named columns shortened where a line would be wider; no column becomes narrower than its share allows.
    func text(within most: Int, shortening columns: Set<Int>) -> String {
        var widths = widths
        let gaps = 2 * max(0, widths.count - 1)
        while widths.reduce(gaps, +) > most,
            let widest = columns.filter({ widths.indices.contains($0) && widths[$0] > Self.narrowest }).max(by: {
                widths[$0] < widths[$1]
            })
        {
            widths[widest] -= 1
        }
        return text(widths)
    }

    private static let narrowest = 12

    private var widths: [Int] {
        (0..<(rows.map(\.count).max() ?? 0)).map { column in
            rows.map { $0.count > column ? $0[column].places : 0 }.max() ?? 0
        }
    }

    private func text(_ widths: [Int]) -> String {
        rows.map { row in
            var line = ""
            for (column, whole) in row.enumerated() {
                let cell = whole.shortened(to: widths[column])
                line += cell
                if column < row.count - 1 {
                    line += String(repeating: " ", count: widths[column] - cell.places + 2)
                }
            }
            return line
        }.joined(separator: "\n")
    }
}

extension String {
    /// As much of the text as fits so many places, an ellipsis behind it where something was left out.
    func shortened(to most: Int) -> String {
        guard places > most else { return self }
        var text = ""
        var left = most - 1
        for character in self {
            left -= String(character).places
            if left < 0 { break }
            text.append(character)
        }
        return text + "…"
    }

    /// How many places the text takes on a terminal.
    var places: Int {
        unicodeScalars.reduce(0) { count, scalar in
            let value = scalar.value
            let isWide =
                (0x1100...0x115F).contains(value) || (0x2E80...0xA4CF).contains(value)
                || (0xAC00...0xD7A3).contains(value) || (0xF900...0xFAFF).contains(value)
                || (0xFE30...0xFE6F).contains(value) || (0xFF00...0xFF60).contains(value)
                || (0x20000...0x3FFFD).contains(value)
            return count + (isWide ? 2 : 1)
        }
    }
}

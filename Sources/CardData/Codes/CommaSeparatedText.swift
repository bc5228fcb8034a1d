import SwiftCSV

/// A file of comma-separated values, as rows with their line numbers.
struct CommaSeparatedText {
    /// One row.
    struct Row {
        /// Where it begins, from 1.
        let line: Int
        /// Its fields without the spaces around them.
        let fields: [String]
    }

    /// The first row.
    let header: Row
    /// All other rows that are not blank.
    let rows: [Row]

    /// Reads a text; throws `csv.quotation` when quotation marks do not close, `csv.joined-separator` where a sign hides a separator,
    /// `csv.empty`, and `csv.too-many-rows`.
    init(_ text: String, file: String, rowLimit: Int = 1_000_000) throws(Faults) {
        guard text.utf8.lazy.filter({ $0 == UInt8(ascii: "\"") }).count.isMultiple(of: 2) else {
            throw Faults("csv.quotation", ["file": file])
        }
        if let line = text.lineOfJoinedSeparator {
            throw Faults(
                "csv.joined-separator", ["file": file, "line": String(line)], at: SourcePlace(file: file, line: line))
        }
        // The parser drops an empty last field when no line break ends the text.
        let text = text.last?.isNewline == true ? text : text + "\n"
        var rows: [Row] = []
        var line = 1
        do {
            let csv = try CSV<Enumerated>(string: text, delimiter: .comma, loadColumns: false, rowLimit: 0)
            try csv.enumerateAsArray(startAt: 0, rowLimit: rowLimit + 2) { fields in
                defer { line += 1 + fields.reduce(0) { $0 + $1.count(where: \.isNewline) } }
                if fields.count == 1 && fields[0].isEmpty { return }
                rows.append(Row(line: line, fields: fields.map(trimmed)))
            }
        } catch {
            throw Faults("csv.quotation", ["file": file], at: SourcePlace(file: file, line: line))
        }
        guard let header = rows.first else { throw Faults("csv.empty", ["file": file]) }
        if header.fields.count == 1, let (separator, names) = Self.otherSeparator(in: header.fields[0]) {
            throw Faults(
                "csv.other-separator", ["file": file, "separatorZh": names.chinese, "separator": names.english],
                at: SourcePlace(file: file, line: header.line, column: separator))
        }
        guard rows.count - 1 <= rowLimit else {
            throw Faults("csv.too-many-rows", ["file": file, "most": String(rowLimit)])
        }
        self.header = header
        self.rows = Array(rows.dropFirst())
    }

    /// The separator that spreadsheets write in the place of the comma, and where it first stands, from 1; nil where there is none.
    private static func otherSeparator(
        in text: String
    ) -> (column: Int, names: (chinese: String, english: String))? {
        for (separator, chinese, english) in [
            ("\t", "制表符", "a tab"), (";", "分号", "a semicolon"), ("；", "全角分号", "a wide semicolon"),
            ("，", "全角逗号", "a wide comma"),
        ] as [(Character, String, String)] {
            if let index = text.firstIndex(of: separator) {
                return (text.distance(from: text.startIndex, to: index) + 1, (chinese, english))
            }
        }
        return nil
    }
}

private func trimmed(_ field: String) -> String {
    guard let first = field.first, let last = field.last, first.isWhitespace || last.isWhitespace else { return field }
    return String(field.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
}

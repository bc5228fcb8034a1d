/// A file of people: comma-separated, one header row, UTF-8 or GBK, at most 64 MiB and a million rows.
public enum PersonFile {
    /// How many faults of rows are gathered before reading stops.
    static let faultLimit = 1000

    /// Reads a file; throws what ``read(csv:file:expectedColumns:)`` throws, and `file.unreadable`, `file.too-large`, `file.encoding`.
    public static func read(path: String, expectedColumns: PersonColumns) throws(Faults) -> [PersonRecord] {
        try read(csv: try BoundedFile.readText(path), file: path, expectedColumns: expectedColumns)
    }

    /// Reads bytes, such as an upload, as ``read(path:expectedColumns:)`` reads a file.
    public static func read(
        bytes: [UInt8], file: String, expectedColumns: PersonColumns
    ) throws(Faults) -> [PersonRecord] {
        let limit = 64 << 20
        guard bytes.count <= limit else {
            throw Faults("file.too-large", ["file": file, "most": String(limit >> 20)])
        }
        return try read(csv: try BoundedFile.text(of: bytes, file: file), file: file, expectedColumns: expectedColumns)
    }

    /// Reads text.
    ///
    /// Spaces around values are dropped, blank lines passed over.
    ///
    /// Throws all that is wrong with the header at once (`person-file.column-missing`, `person-file.column-duplicate`,
    /// `person-file.column-unknown`), then every row with too few or too many values (`person-file.field-count`) or with a number that a
    /// spreadsheet has rounded (`person-file.scientific`), and what is no
    /// comma-separated text at all (`csv.quotation`, `csv.empty`, `csv.other-separator`, `csv.too-many-rows`).
    public static func read(
        csv text: String, file: String, expectedColumns: PersonColumns
    ) throws(Faults) -> [PersonRecord] {
        let content = try CommaSeparatedText(text, file: file)
        let columns = content.header.fields
        try checkHeader(columns, expectedColumns, at: SourcePlace(file: file, line: content.header.line))
        var faults = FaultCollector()
        var records: [PersonRecord] = []
        records.reserveCapacity(content.rows.count)
        for row in content.rows {
            let place = SourcePlace(file: file, line: row.line)
            guard row.fields.count == columns.count else {
                faults.add(
                    "person-file.field-count",
                    ["found": String(row.fields.count), "expected": String(columns.count)], at: place)
                if faults.faults.count == faultLimit { break }
                continue
            }
            for (index, field) in row.fields.enumerated() where isScientific(field) {
                faults.add(
                    "person-file.scientific",
                    ["column": columns[index], "number": String(index + 1), "found": field],
                    at: SourcePlace(file: file, line: row.line, column: index + 1))
            }
            let values = Dictionary(zip(columns, row.fields)) { first, _ in first }
            records.append(PersonRecord(values: values, place: place, columns: columns))
        }
        try faults.check()
        return records
    }

    /// Whether a spreadsheet has turned a long number into one like 9.90165E+17, whose last digits are lost.
    private static func isScientific(_ text: String) -> Bool {
        text.utf8.count < 32 && text.utf8.contains(UInt8(ascii: "+"))
            && text.wholeMatch(of: /[0-9](?:\.[0-9]+)?[eE]\+[0-9]{1,2}/) != nil
    }

    private static func checkHeader(
        _ columns: [String], _ expected: PersonColumns, at place: SourcePlace
    ) throws(Faults) {
        var faults = FaultCollector()
        let present = Set(columns)
        for column in expected.mandatory where !present.contains(column) {
            faults.add("person-file.column-missing", ["column": column], at: place)
        }
        let known = Set(expected.mandatory + expected.optional)
        var seen: Set<String> = []
        for (index, column) in columns.enumerated() {
            if !seen.insert(column).inserted {
                faults.add("person-file.column-duplicate", ["column": column, "number": String(index + 1)], at: place)
            } else if !known.contains(column) {
                faults.add("person-file.column-unknown", ["column": column, "number": String(index + 1)], at: place)
            }
        }
        try faults.check()
    }
}

/// A table of codes with their meanings in Chinese and English, read from a file `code,zh,en`.
public struct CodeTable: Sendable {
    /// One code.
    public struct Entry: Hashable, Sendable {
        /// The code as the card holds it.
        public let code: String
        /// What it means, in Chinese.
        public let chinese: String
        /// What it means, in English.
        public let english: String
    }

    /// The table's name: its file's name without the ending.
    public let name: String
    /// All codes in the order of the file.
    public let entries: [Entry]
    private let byCode: [String: Entry]

    /// Reads a table; throws `code-table.header`, and every `code-table.field-count`, `code-table.empty-field` and
    /// `code-table.duplicate` with its line.
    public init(name: String, csv text: String, file: String) throws(Faults) {
        let content = try CommaSeparatedText(text, file: file)
        guard content.header.fields == ["code", "zh", "en"] else {
            throw Faults(
                "code-table.header", ["found": content.header.fields.joined(separator: ",")],
                at: SourcePlace(file: file, line: content.header.line))
        }
        var faults = FaultCollector()
        var entries: [Entry] = []
        var byCode: [String: Entry] = [:]
        for row in content.rows {
            let place = SourcePlace(file: file, line: row.line)
            guard row.fields.count == 3 else {
                faults.add("code-table.field-count", ["found": String(row.fields.count)], at: place)
                continue
            }
            if row.fields.contains("") { faults.add("code-table.empty-field", at: place) }
            let entry = Entry(code: row.fields[0], chinese: row.fields[1], english: row.fields[2])
            if byCode.updateValue(entry, forKey: entry.code) != nil {
                faults.add("code-table.duplicate", ["code": entry.code], at: place)
            }
            entries.append(entry)
        }
        try faults.check()
        self.name = name
        self.entries = entries
        self.byCode = byCode
    }

    /// The entry of a code; nil when the table does not have it.
    public subscript(code: String) -> Entry? { byCode[code] }

    /// Whether the table has a code.
    public func contains(_ code: String) -> Bool { byCode[code] != nil }
}

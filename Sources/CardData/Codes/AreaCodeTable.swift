/// The administrative divisions of GB/T 2260 with those withdrawn, the ministry's extension rule, and the training areas.
public struct AreaCodeTable: Sendable {
    /// What kind of code it is.
    public enum Kind: String, Hashable, Sendable {
        /// A division of GB/T 2260.
        case standard
        /// A code by an extension rule of the ministry or a province.
        case `extension`
        /// Belongs to nobody; cards are issued for it in training only.
        case training
        /// Stands in the number of a foreigner with permanent residence only, not a place.
        case permanentResident = "permanent-resident"
    }

    /// What the table knows of a code.
    public struct Entry: Hashable, Sendable {
        /// What kind of code it is.
        public let kind: Kind
        /// The division's name, Chinese.
        public let name: String
        /// The first year it was in force; nil when unknown or from the beginning.
        public let from: Int?
        /// The year it was withdrawn; nil while it is in force.
        public let to: Int?
    }

    private struct Rule {
        let pattern: [UInt8]
        let entry: Entry
    }

    private var entries: [String: Entry] = [:]
    private var rules: [Rule] = []

    /// Reads the table from its two files' texts; throws every row that is wrong, with its line.
    ///
    /// - Parameters:
    ///   - standard: `code,name,from,to`: codes of GB/T 2260; a code may have several rows, of which the latest counts.
    ///   - extensions: `pattern,kind,zh,en`: codes and rules beyond the standard; `?` stands for any digit.
    public init(
        standard: String, standardFile: String, extensions: String, extensionsFile: String
    ) throws(Faults) {
        var faults = FaultCollector()
        try readStandard(CommaSeparatedText(standard, file: standardFile), standardFile, &faults)
        try readExtensions(CommaSeparatedText(extensions, file: extensionsFile), extensionsFile, &faults)
        try faults.check()
    }

    /// Reads `area-codes.csv` and `area-codes-extension.csv` of a folder.
    public init(folder: String) throws(Faults) {
        let (standard, extensions) = (folder + "/area-codes.csv", folder + "/area-codes-extension.csv")
        try self.init(
            standard: try BoundedFile.readText(standard, limit: 4 << 20), standardFile: standard,
            extensions: try BoundedFile.readText(extensions, limit: 4 << 20), extensionsFile: extensions)
    }

    /// What the table knows of six digits; nil for an unknown code.
    ///
    /// An extension rule counts only within a province that the standard has.
    public subscript(code: String) -> Entry? {
        if let entry = entries[code] { return entry }
        let digits = Array(code.utf8)
        guard digits.count == 6, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        let rule = rules.first { rule in
            zip(rule.pattern, digits).allSatisfy { $0 == UInt8(ascii: "?") || $0 == $1 }
        }
        guard let entry = rule?.entry else { return nil }
        return entry.kind == .extension && entries[code.prefix(2) + "0000"] == nil ? nil : entry
    }

    /// The name of a code with those of its province and prefecture, for example 北京市东城区; as much of it as is known.
    ///
    /// A code that the table does not have gets the name of its prefecture or province; nil when even the province is unknown.
    public func name(of code: String) -> String? {
        guard let province = self[code.prefix(2) + "0000"]?.name else { return self[code]?.name }
        var parts = [province]
        for level in [String(code.prefix(4) + "00"), code] {
            guard let name = self[level]?.name, name != parts.last, name != "市辖区", name != "县" else { continue }
            parts.append(name)
        }
        return parts.joined()
    }

    private mutating func readStandard(
        _ text: CommaSeparatedText, _ file: String, _ faults: inout FaultCollector
    ) throws(Faults) {
        try Self.checkHeader(of: text, is: ["code", "name", "from", "to"], file)
        for row in text.rows {
            let place = SourcePlace(file: file, line: row.line)
            let years = row.fields.dropFirst(2).map { $0.isEmpty ? nil : Int($0) }
            guard row.fields.count == 4, isPattern(row.fields[0], wildcards: false), !row.fields[1].isEmpty,
                zip(row.fields[2...], years).allSatisfy({ $0.isEmpty || $1 != nil })
            else {
                faults.add("area-code-table.row", at: place)
                continue
            }
            let entry = Entry(kind: .standard, name: row.fields[1], from: years[0], to: years[1])
            if let other = entries[row.fields[0]], (other.to ?? .max) >= (entry.to ?? .max) { continue }
            entries[row.fields[0]] = entry
        }
    }

    private mutating func readExtensions(
        _ text: CommaSeparatedText, _ file: String, _ faults: inout FaultCollector
    ) throws(Faults) {
        try Self.checkHeader(of: text, is: ["pattern", "kind", "zh", "en"], file)
        for row in text.rows {
            guard row.fields.count == 4, isPattern(row.fields[0], wildcards: true),
                let kind = Kind(rawValue: row.fields[1])
            else {
                faults.add("area-code-table.row", at: SourcePlace(file: file, line: row.line))
                continue
            }
            let entry = Entry(kind: kind, name: row.fields[2], from: nil, to: nil)
            if row.fields[0].contains("?") {
                rules.append(Rule(pattern: Array(row.fields[0].utf8), entry: entry))
            } else if entries[row.fields[0]] == nil {
                entries[row.fields[0]] = entry
            }
        }
    }

    private static func checkHeader(
        of text: CommaSeparatedText, is expected: [String], _ file: String
    ) throws(Faults) {
        guard text.header.fields == expected else {
            throw Faults(
                "area-code-table.header", ["expected": expected.joined(separator: ",")],
                at: SourcePlace(file: file, line: text.header.line))
        }
    }
}

private func isPattern(_ text: String, wildcards: Bool) -> Bool {
    text.utf8.count == 6
        && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (wildcards && $0 == UInt8(ascii: "?")) }
}

public import CardData

/// Rows of inner values in one line of text: `kind=101;date=20240101|kind=102`.
///
/// `|` parts rows, `;` parts values, the first `=` parts name and value; an empty row stands for a blank one. A backslash takes the
/// special meaning from the character behind it.
public enum TemplateText {
    /// Reads rows; throws `element.template-syntax` and `element.template-repeated`.
    public static func read(_ text: String) throws(Faults) -> [[String: String]] {
        var rows: [[String: String]] = []
        for row in split(text, at: "|") {
            var values: [String: String] = [:]
            for pair in split(row, at: ";") where !pair.isEmpty {
                guard let border = pair.firstIndex(of: "=") else {
                    throw Faults("element.template-syntax", ["found": String(pair.prefix(20))])
                }
                let name = String(pair[..<border])
                let value = unescaped(pair[pair.index(after: border)...])
                guard values.updateValue(value, forKey: name) == nil else {
                    throw Faults("element.template-repeated", ["name": name])
                }
            }
            rows.append(values)
        }
        return rows
    }

    /// Writes rows, the names sorted, so that equal rows give equal text.
    public static func write(_ rows: [[String: String]]) -> String {
        rows.map { row in
            row.sorted { $0.key < $1.key }.map { "\($0.key)=\(escaped($0.value))" }.joined(separator: ";")
        }.joined(separator: "|")
    }

    private static func split(_ text: some StringProtocol, at separator: Character) -> [String] {
        var parts = [""]
        var isEscaped = false
        for character in text {
            if !isEscaped && character == separator {
                parts.append("")
                continue
            }
            parts[parts.count - 1].append(character)
            isEscaped = character == "\\" && !isEscaped
        }
        return parts
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            if "|;\\".contains(character) { result.append("\\") }
            result.append(character)
        }
    }

    private static func unescaped(_ text: some StringProtocol) -> String {
        var isEscaped = false
        return text.reduce(into: "") { result, character in
            if character == "\\" && !isEscaped {
                isEscaped = true
            } else {
                result.append(character)
                isEscaped = false
            }
        }
    }
}

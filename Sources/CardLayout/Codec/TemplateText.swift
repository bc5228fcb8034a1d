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
                let scalars = pair.unicodeScalars
                guard let border = scalars.firstIndex(of: "=") else {
                    throw Faults("element.template-syntax", ["found": String(pair.prefix(20))])
                }
                let name = String(scalars[..<border])
                let value = unescaped(scalars[scalars.index(after: border)...])
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

    // What has a meaning is looked for among Unicode scalars: a sign that joins its neighbour must not hide it.

    private static func split(_ text: String, at separator: Unicode.Scalar) -> [String] {
        var parts = [String.UnicodeScalarView()]
        var isEscaped = false
        for scalar in text.unicodeScalars {
            if !isEscaped && scalar == separator {
                parts.append(String.UnicodeScalarView())
                continue
            }
            parts[parts.count - 1].append(scalar)
            isEscaped = scalar == "\\" && !isEscaped
        }
        return parts.map(String.init)
    }

    private static func escaped(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if scalar == "|" || scalar == ";" || scalar == "\\" { result.append("\\") }
            result.append(scalar)
        }
        return String(result)
    }

    private static func unescaped(_ text: Substring.UnicodeScalarView) -> String {
        var result = String.UnicodeScalarView()
        var isEscaped = false
        for scalar in text {
            if scalar == "\\" && !isEscaped {
                isEscaped = true
            } else {
                result.append(scalar)
                isEscaped = false
            }
        }
        return String(result)
    }
}

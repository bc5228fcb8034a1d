/// JSON in one fixed form, so that equal values have equal bytes: members in their given order, nothing optional.
///
/// Signatures go over the form without blanks, files hold the one with two blanks a level; any JSON library that keeps the order
/// of members makes both (Python: `separators=(",", ":")`, and `indent=2`, each with `ensure_ascii=False`).
enum RecordJSON: Sendable {
    case object([(String, RecordJSON)])
    case list([RecordJSON])
    case text(String)
    case number(UInt64)

    /// The form that is signed.
    var canonicalBytes: [UInt8] { Array(text(indentation: nil).utf8) }

    /// The form in files, with a line end.
    var fileText: String { text(indentation: 0) + "\n" }

    private func text(indentation: Int?) -> String {
        switch self {
        case .number(let number): return String(number)
        case .text(let text): return Self.quoted(text)
        case .list(let members):
            return Self.enclosed(
                "[", members.map { $0.text(indentation: indentation.map { $0 + 2 }) }, "]", indentation)
        case .object(let members):
            let colon = indentation == nil ? ":" : ": "
            let lines = members.map { Self.quoted($0) + colon + $1.text(indentation: indentation.map { $0 + 2 }) }
            return Self.enclosed("{", lines, "}", indentation)
        }
    }

    private static func enclosed(_ open: String, _ parts: [String], _ close: String, _ indentation: Int?) -> String {
        guard let indentation, !parts.isEmpty else { return open + parts.joined(separator: ",") + close }
        let margin = String(repeating: " ", count: indentation)
        return open + "\n" + parts.map { margin + "  " + $0 }.joined(separator: ",\n") + "\n" + margin + close
    }

    /// Control characters never stand in our texts: ``RecordText`` refuses them.
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { quoted += "\\" }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }
}

/// Texts of people in records: one to 64 characters, no control characters, no blanks at the ends.
enum RecordText {
    static func isValid(_ text: String) -> Bool {
        (1...64).contains(text.count) && text.utf8.count <= 256 && text.first?.isWhitespace == false
            && text.last?.isWhitespace == false
            && text.unicodeScalars.allSatisfy { scalar in
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: false
                default: true
                }
            }
    }
}

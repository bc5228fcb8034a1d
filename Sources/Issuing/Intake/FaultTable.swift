public import CardData

/// 差错报告: the faults of a file as a table for a spreadsheet (RFC 4180): line, field, the field's name, code, and what is wrong in both
/// languages.
public enum FaultTable {
    /// The first row.
    public static let head = row(["line", "field", "column", "code", "zh", "en"])

    /// The row of one fault.
    public static func row(of fault: Fault) -> String {
        let catalogue = MessageCatalogue.standard
        return row([
            String(fault.place?.line ?? 0), String(fault.place?.column ?? 0), fault.parameters["column"] ?? "",
            fault.code.rawValue, catalogue.text(for: fault, language: .chinese).what,
            catalogue.text(for: fault, language: .english).what,
        ])
    }

    /// The whole table, its head in a language; in Chinese with the mark by which spreadsheets know UTF-8.
    public static func text(of faults: [Fault], in language: MessageLanguage) -> String {
        let chinese = "\u{FEFF}" + row(["行", "列序号", "列名", "代码", "说明", "English"])
        return (language == .chinese ? chinese : head) + faults.map(row(of:)).joined()
    }

    private static func row(_ fields: [String]) -> String {
        fields.map(quoted).joined(separator: ",") + "\r\n"
    }

    /// A field in quotation marks, those in it doubled: scalar by scalar, since a sign that joins one would hide it.
    ///
    /// What a spreadsheet would take for a formula has an apostrophe before it, and is text.
    private static func quoted(_ field: String) -> String {
        var quoted: String.UnicodeScalarView = "\"".unicodeScalars
        if let first = field.unicodeScalars.first, ["=", "+", "-", "@", "\t", "\r"].contains(first) {
            quoted.append("'")
        }
        for scalar in field.unicodeScalars {
            quoted.append(scalar)
            if scalar == "\"" { quoted.append(scalar) }
        }
        quoted.append("\"")
        return String(quoted)
    }
}

import Foundation
import Yams

/// What the elements of files are called in Chinese.
public enum ElementNames {
    /// The Chinese name; nil for one that has none.
    public static func chinese(_ element: String) -> String? { FieldNames.standard.own(element) }
}

/// What fields are called in Chinese (`field-names.yaml`): columns of files, elements of layouts, fields of forms.
///
/// Faults carry the names that programs know; people read these.
struct FieldNames: Sendable {
    private let names: [String: String]

    /// The names that come with the program; none when their file is damaged, and fields then keep the names that programs know.
    static let standard = FieldNames(
        Bundle.module.path(forResource: "field-names", ofType: "yaml").flatMap { path in
            (try? BoundedFile.readText(path, limit: 1 << 20)).flatMap {
                try? YAMLDecoder().decode([String: String].self, from: $0)
            }
        } ?? [:])

    init(_ names: [String: String]) { self.names = names }

    /// What one field is called; nil for one without a name.
    func own(_ field: String) -> String? { names[field] }

    /// What holds a field's name, whatever the code.
    private static let always: Set<String> = [
        "column", "field", "element", "inner", "missing", "also", "items", "elements",
    ]
    /// What holds one in messages about values.
    private static let inValues: Set<String> = ["name", "names", "what"]
    private static let values = ["element.", "layout.value-", "content.", "factory-return."]
    /// Messages about a file in which the reader has to find the name: it stands behind the Chinese one.
    private static let literal = ["person-file.", "mapping.", "layout.", "import.column-", "card.update-"]
    /// Fields of files that only programs write; nobody has another name for them.
    private static let own = ["record.", "key-store.", "gateway.", "hsm-flow.", "counter.setting"]

    /// The parameters of a fault with its fields in Chinese.
    func chinese(_ parameters: [String: String], of code: FaultCode) -> [String: String] {
        func begins(_ prefixes: [String]) -> Bool { prefixes.contains { code.rawValue.hasPrefix($0) } }
        guard !begins(Self.own) else { return parameters }
        let named = begins(Self.values) ? Self.always.union(Self.inValues) : Self.always
        let isLiteral = begins(Self.literal)
        var told = parameters
        for (key, value) in parameters where named.contains(key) { told[key] = list(value, isLiteral) }
        // A field of one form may be called otherwise than the column of that name.
        if let form = parameters["form"], let field = parameters["field"], let own = names["\(form).\(field)"] {
            told["field"] = own
        }
        // What may be chosen is called by what the field's own words are.
        if let field = parameters["field"], let known = parameters["known"] {
            let words = known.split(separator: " ").map { names["\(field)-\($0)"] ?? String($0) }
            told["known"] = words.joined(separator: "、")
        }
        return told
    }

    /// Names one after the other, as faults write them: with commas or blanks between.
    private func list(_ text: String, _ isLiteral: Bool) -> String {
        if let name = name(text, isLiteral) { return name }
        let parts = text.split(whereSeparator: { $0 == "," || $0 == " " }).map(String.init)
        guard parts.count > 1 else { return text }
        let known = parts.compactMap { name($0, isLiteral) }
        return known.count == parts.count ? known.joined(separator: "、") : text
    }

    /// One name; of a path such as `DF01/EF08/maritalStatus` or `rows.startDate` the last part says what it is.
    ///
    /// A column that a mapping has renamed (`身份证号 → citizenNumber`) is called what its own file calls it.
    private func name(_ text: String, _ isLiteral: Bool) -> String? {
        if let arrow = text.range(of: " → ") { return String(text[..<arrow.lowerBound]) }
        let own = text.split(whereSeparator: { $0 == "." || $0 == "/" }).last.map(String.init) ?? text
        guard let found = names[text] ?? names[own] else { return nil }
        return isLiteral ? "\(found)（\(text)）" : found
    }
}

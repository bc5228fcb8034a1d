public import CardData

/// What the columns of somebody else's file mean here: a YAML file with the keys `columns`, `constants`, `derive`, `ignore` and
/// `encoding`.
///
/// ```yaml
/// encoding: auto                # auto, utf-8 or gb18030 (which GBK is a part of)
/// columns:
///   身份证号: citizenNumber
///   姓名: name
///   性别: {to: sex, codes: {男: "1", 女: "2"}}
///   出生日期: {to: birthDate, date: yyyy-mm-dd}
/// constants: {birthPlace: "990101"}
/// derive: [ethnicGroup]
/// ignore: [备注]
/// ```
public struct ColumnMapping: Hashable, Sendable {
    /// How a file's text is encoded.
    public enum Encoding: String, Hashable, Sendable, CaseIterable {
        /// UTF-8 where the whole file is that, else GB 18030.
        case automatic = "auto"
        /// UTF-8, with or without its mark.
        case utf8 = "utf-8"
        /// GB 18030, and therefore GBK and GB 2312.
        case gb18030
    }

    /// How the days of a column are written.
    public enum DateForm: String, Hashable, Sendable, CaseIterable {
        /// As cards hold them.
        case digits = "yyyymmdd"
        /// 1990-03-07, also 1990-3-7.
        case hyphens = "yyyy-mm-dd"
        /// 1990/03/07, also 1990/3/7: what spreadsheets write.
        case slashes = "yyyy/mm/dd"
        /// 1990年3月7日.
        case chinese = "yyyy年mm月dd日"
    }

    /// One column of the file.
    struct Column: Hashable, Sendable {
        let name: String
        let element: String
        let codes: [String: String]
        let dates: DateForm
    }

    /// Which elements a kind of file may give, and which it must.
    public struct Elements: Hashable, Sendable {
        let mandatory: [String]
        let optional: [String]
        /// Those that the citizen number tells.
        let derivable: Set<String>

        /// Persons who are registered.
        public static let persons = Elements(
            mandatory: Applicant.columns.mandatory, optional: Applicant.columns.optional,
            derivable: ["sex", "birthDate", "birthPlace"])

        /// Cards that a factory made.
        public static let returns = Elements(
            mandatory: ["citizenNumber"],
            optional: [
                "cardNumber", "identificationCode", "answerToReset", "chipSerial", "issueDate", "expiryDate", "failure",
            ], derivable: [])

        var all: Set<String> { Set(mandatory + optional) }

        /// All of them in their order, each with its Chinese name and whether it has to be there.
        public var columns: [(name: String, chinese: String, isMandatory: Bool)] {
            (mandatory + optional).map { ($0, ElementNames.chinese($0) ?? $0, mandatory.contains($0)) }
        }

        /// The element that a column of a file is for: by its own name, or by its Chinese one.
        func element(ofColumn name: String) -> String {
            all.contains(name) ? name : columns.first { $0.chinese == name }?.name ?? name
        }
    }

    /// The encoding.
    public let encoding: Encoding
    let columns: [Column]
    let constants: [String: String]
    let derived: Set<String>
    let ignored: Set<String>

    /// The mapping of a file whose columns are named as the elements are; other names may stand there and are passed over.
    public static func plain(_ elements: Elements, passingOver others: [String] = []) -> ColumnMapping {
        ColumnMapping(
            encoding: .automatic,
            columns: (elements.mandatory + elements.optional).map {
                Column(name: $0, element: $0, codes: [:], dates: .digits)
            }, constants: [:], derived: [], ignored: Set(others).subtracting(elements.all),
            isPlain: true)
    }

    /// Whether columns that the mapping names may be missing from the file.
    let isPlain: Bool

    private init(
        encoding: Encoding, columns: [Column], constants: [String: String], derived: Set<String>,
        ignored: Set<String>, isPlain: Bool
    ) {
        self.encoding = encoding
        self.columns = columns
        self.constants = constants
        self.derived = derived
        self.ignored = ignored
        self.isPlain = isPlain
    }
}

extension ColumnMapping {
    /// Reads a mapping file; throws every fault of it at once, each with its line.
    public static func read(_ path: String, for elements: Elements) throws(Faults) -> ColumnMapping {
        try ColumnMapping(try DataFile.read(path), elements)
    }

    /// Reads a mapping's text; `file` is the name that faults carry.
    public static func parse(
        _ text: String, file: String, for elements: Elements
    ) throws(Faults) -> ColumnMapping {
        try ColumnMapping(try DataFile.parse(text, file: file), elements)
    }

    private init(_ root: YAMLNode, _ elements: Elements) throws(Faults) {
        var faults = FaultCollector()
        _ = try root.mapping
        root.unknownKeys(allowed: ["encoding", "columns", "constants", "derive", "ignore"]).forEach { faults.add($0) }
        var given: Set<String> = []
        func take(_ element: String, at place: SourcePlace) {
            if !elements.all.contains(element) {
                let known = elements.all.sorted().joined(separator: ", ")
                faults.add("mapping.element-unknown", ["element": element, "known": known], at: place)
            } else if !given.insert(element).inserted {
                faults.add("mapping.element-twice", ["element": element], at: place)
            }
        }
        var encoding = Encoding.automatic
        if let node = root["encoding"] {
            let text = faults.attempt { () throws(Faults) in try node.string }
            if let text, let found = Encoding(rawValue: text) {
                encoding = found
            } else if let text {
                let known = Encoding.allCases.map(\.rawValue).joined(separator: ", ")
                faults.add("mapping.word", ["word": text, "known": known], at: node.place)
            }
        }
        var columns: [Column] = []
        let entries = faults.attempt { () throws(Faults) in try root.required("columns").mapping } ?? []
        for entry in entries {
            guard
                let column = faults.attempt({ () throws(Faults) in try Column(named: entry.key, entry.value) })
            else { continue }
            take(column.element, at: entry.place)
            columns.append(column)
        }
        var constants: [String: String] = [:]
        if let node = root["constants"] {
            for entry in faults.attempt({ () throws(Faults) in try node.mapping }) ?? [] {
                take(entry.key, at: entry.place)
                constants[entry.key] = faults.attempt { () throws(Faults) in try entry.value.string }
            }
        }
        func names(_ key: String) -> [(name: String, place: SourcePlace)] {
            guard let node = root[key] else { return [] }
            return (faults.attempt { () throws(Faults) in try node.list } ?? []).compactMap { member in
                faults.attempt { () throws(Faults) in try member.string }.map { ($0, member.place) }
            }
        }
        var derived: Set<String> = []
        for (name, place) in names("derive") {
            take(name, at: place)
            derived.insert(name)
            if elements.all.contains(name), !elements.derivable.contains(name) {
                let known = elements.derivable.sorted().joined(separator: ", ")
                faults.add("mapping.not-derivable", ["element": name, "known": known], at: place)
            }
        }
        for element in elements.mandatory where !given.contains(element) {
            faults.add("mapping.element-missing", ["element": element], at: root.place)
        }
        let ignored = Set(names("ignore").map(\.name))
        try faults.check()
        self.init(
            encoding: encoding, columns: columns, constants: constants, derived: derived, ignored: ignored,
            isPlain: false)
    }
}

extension ColumnMapping.Column {
    fileprivate init(named name: String, _ node: YAMLNode) throws(Faults) {
        guard node.text == nil else {
            self.init(name: name, element: try node.string, codes: [:], dates: .digits)
            return
        }
        var faults = FaultCollector()
        node.unknownKeys(allowed: ["to", "codes", "date"]).forEach { faults.add($0) }
        let element = faults.attempt { () throws(Faults) in try node.required("to").string }
        var codes: [String: String] = [:]
        if let node = node["codes"] {
            for entry in faults.attempt({ () throws(Faults) in try node.mapping }) ?? [] {
                codes[entry.key] = faults.attempt { () throws(Faults) in try entry.value.string }
            }
        }
        var dates = ColumnMapping.DateForm.digits
        if let node = node["date"] {
            let text = faults.attempt { () throws(Faults) in try node.string }
            if let text, let form = ColumnMapping.DateForm(rawValue: text) {
                dates = form
            } else if let text {
                let known = ColumnMapping.DateForm.allCases.map(\.rawValue).joined(separator: ", ")
                faults.add("mapping.word", ["word": text, "known": known], at: node.place)
            }
        }
        try faults.check()
        self.init(name: name, element: element ?? "", codes: codes, dates: dates)
    }

    /// What a field of the column says as the element's value; a word that is none stays as it is, for the element's own check to tell.
    func value(_ field: String) -> String {
        if let code = codes[field] { return code }
        let separators: [Character]
        switch dates {
        case .digits: return field
        case .hyphens: separators = ["-"]
        case .slashes: separators = ["/"]
        case .chinese: separators = ["年", "月", "日"]
        }
        let parts = field.split(whereSeparator: separators.contains).map(String.init)
        guard parts.count == 3, parts.allSatisfy({ $0.allSatisfy(\.isNumber) && $0.count <= 4 }) else { return field }
        return parts[0] + parts[1...].map { $0.count == 1 ? "0" + $0 : $0 }.joined()
    }
}

import CardCryptography
public import CardData

/// A file of somebody else's columns, read row by row into records of our elements.
public struct MappedFile: Sendable {
    /// The largest file that is read, in bytes.
    public static let sizeLimit = 512 << 20
    /// The most rows that are read.
    public static let rowLimit = 5_000_000

    private let source: any IntakeSource
    /// The file as faults name it.
    private let name: String
    private let mapping: ColumnMapping
    private let elements: ColumnMapping.Elements
    /// What the file's text turned out to be.
    public let encoding: ColumnMapping.Encoding
    /// The file's columns in their order.
    private let columns: [ColumnMapping.Column?]
    private let headerLine: Int

    /// Opens a file and reads its header; throws everything that is wrong with that at once.
    ///
    /// - Parameter name: the file as faults name it: as whoever sent it knows it.
    public init(
        _ source: any IntakeSource, named name: String, by mapping: ColumnMapping, for elements: ColumnMapping.Elements
    ) throws(Faults) {
        self.source = source
        self.name = name
        self.mapping = mapping
        self.elements = elements
        encoding = mapping.encoding == .automatic ? try Self.detect(source, name) : mapping.encoding
        var rows = try RowStream(source, named: name, sizeLimit: Self.sizeLimit)
        guard let row = try rows.next() else { throw Faults("csv.empty", ["file": name]) }
        headerLine = row.line
        let place = SourcePlace(file: name, line: row.line)
        let text = try Self.text(row.bytes, encoding, at: place)
        let count = text.unicodeScalars.split(separator: ",", omittingEmptySubsequences: false).count
        // Numbers for names: what a file's own header says is judged here, not by the reader of rows.
        let written = try Self.fields(text, count: count, at: place)
        // Without a mapping the elements' Chinese names are as good as their own.
        let names = mapping.isPlain ? written.map(elements.element(ofColumn:)) : written
        columns = try Self.columns(names, mapping, mandatory: elements.mandatory, at: place)
    }

    /// Opens a file that lies in a folder, and that faults name by its path.
    public init(_ path: String, by mapping: ColumnMapping, for elements: ColumnMapping.Elements) throws(Faults) {
        try self.init(FolderFile(path), named: path, by: mapping, for: elements)
    }

    /// UTF-8 when the whole file is; a file with zero bytes is something else, such as a spreadsheet's UTF-16.
    private static func detect(_ source: any IntakeSource, _ name: String) throws(Faults) -> ColumnMapping.Encoding {
        var rows = try RowStream(source, named: name, sizeLimit: sizeLimit)
        var isUTF8 = true
        while let row = try rows.next() {
            guard !row.bytes.contains(0), !row.bytes.starts(with: [0xFF, 0xFE]), !row.bytes.starts(with: [0xFE, 0xFF])
            else { throw Faults("file.encoding", ["file": name], at: SourcePlace(file: name, line: row.line)) }
            if isUTF8, String(validating: row.bytes, as: UTF8.self) == nil { isUTF8 = false }
        }
        return isUTF8 ? .utf8 : .gb18030
    }

    private static func text(
        _ bytes: [UInt8], _ encoding: ColumnMapping.Encoding, at place: SourcePlace
    ) throws(Faults) -> String {
        let content = place.line == 1 && bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        if encoding == .utf8 {
            guard let text = String(validating: content, as: UTF8.self) else {
                throw Faults("import.undecodable", ["encoding": "UTF-8"], at: place)
            }
            return text
        }
        guard let text = try? GBKText.decode(content) else {
            throw Faults("import.undecodable", ["encoding": "GB 18030"], at: place)
        }
        return text
    }

    /// The fields of one row.
    private static func fields(_ text: String, count: Int, at place: SourcePlace) throws(Faults) -> [String] {
        if !text.utf8.contains(UInt8(ascii: "\"")) { return try plainFields(text, count: count, at: place) }
        let names = (1...max(count, 1)).map(String.init)
        let records = try PersonFile.read(
            csv: names.joined(separator: ",") + "\n" + text + "\n", file: place.file,
            expectedColumns: PersonColumns(mandatory: names))
        guard let record = records.first else { throw Faults("csv.empty", ["file": place.file], at: place) }
        return names.map { record.values[$0] ?? "" }
    }

    /// The fields of a row without quotation marks, which is nearly every row.
    private static func plainFields(_ text: String, count: Int, at place: SourcePlace) throws(Faults) -> [String] {
        let fields = text.unicodeScalars.split(separator: ",", omittingEmptySubsequences: false).map { field in
            String(Substring(field).drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
        }
        guard fields.count == count else {
            throw Faults(
                "person-file.field-count", ["found": String(fields.count), "expected": String(count)], at: place)
        }
        return fields
    }

    private static func columns(
        _ names: [String], _ mapping: ColumnMapping, mandatory: [String], at place: SourcePlace
    ) throws(Faults) -> [ColumnMapping.Column?] {
        var faults = FaultCollector()
        var seen: Set<String> = []
        let known = Dictionary(mapping.columns.map { ($0.name, $0) }) { first, _ in first }
        var columns: [ColumnMapping.Column?] = []
        for (index, name) in names.enumerated() {
            let place = SourcePlace(file: place.file, line: place.line, column: index + 1)
            if !seen.insert(name).inserted, !mapping.ignored.contains(name) {
                faults.add("person-file.column-duplicate", ["column": name, "number": String(index + 1)], at: place)
            } else if known[name] == nil, !mapping.ignored.contains(name) {
                let code: FaultCode = mapping.isPlain ? "person-file.column-unknown" : "import.column-unmapped"
                faults.add(code, ["column": name, "number": String(index + 1)], at: place)
            }
            columns.append(mapping.ignored.contains(name) ? nil : known[name])
        }
        for column in mapping.columns where !seen.contains(column.name) {
            if mapping.isPlain && !mandatory.contains(column.element) { continue }
            faults.add("person-file.column-missing", ["column": column.name], at: place)
        }
        try faults.check()
        return columns
    }
}

extension MappedFile {
    /// SHA-256 of the file's bytes.
    func digest() throws -> [UInt8] {
        let reading = try source.reading(named: name)
        var hash = try IncrementalHash(.sha256)
        while case let piece = try reading.next(), !piece.isEmpty { try hash.update(piece) }
        return try hash.finish()
    }

    /// Goes through all rows; faults of rows are told one by one and do not stop it.
    ///
    /// A fault's place is the row's line and the field's number in the row, both from 1.
    ///
    /// - Throws: what cannot be read past: quotation marks that do not close, a row that is too long, too many rows.
    public func forEachRecord(
        _ body: (PersonRecord) throws -> Void, onFault: (Fault) throws -> Void
    ) throws {
        var rows = try RowStream(source, named: name, sizeLimit: Self.sizeLimit)
        var count = 0
        while let row = try rows.next() {
            if row.line <= headerLine || row.bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { continue }
            count += 1
            guard count <= Self.rowLimit else {
                throw Faults("csv.too-many-rows", ["file": name, "most": String(Self.rowLimit)])
            }
            var name: String?
            do {
                let record = try record(row)
                name = record["name"].flatMap(\.first).map { "\($0)*" }
                try body(record)
            } catch let faults as Faults {
                for fault in located(faults, line: row.line, of: name) { try onFault(fault) }
            }
        }
    }

    private func record(_ row: RowStream.Row) throws(Faults) -> PersonRecord {
        let place = SourcePlace(file: name, line: row.line)
        let text = try Self.text(row.bytes, encoding, at: place)
        let fields = try Self.fields(text, count: columns.count, at: place)
        var values = mapping.constants
        for (column, field) in zip(columns, fields) {
            if let column { values[column.element] = column.value(field) }
        }
        derive(into: &values)
        return PersonRecord(values: values, place: place)
    }

    private func derive(into values: inout [String: String]) {
        guard !mapping.derived.isEmpty, let number = try? CitizenNumber(values["citizenNumber"] ?? "") else { return }
        for element in mapping.derived {
            switch element {
            case "sex": values[element] = number.sex.code
            case "birthDate": values[element] = number.birthDate.text
            case "birthPlace": values[element] = number.areaCode
            default: break
            }
        }
    }

    /// A row's faults with the number of the field they are about, its name in the file, and whose row it is.
    ///
    /// - Parameter person: their name, masked.
    private func located(_ faults: Faults, line: Int, of person: String?) -> [Fault] {
        faults.faults.map { fault in
            let element = fault.parameters["column"]
            let index = columns.firstIndex { $0 != nil && $0?.element == element }
            var parameters = fault.parameters
            parameters["rowName"] = person
            if let index, let name = columns[index]?.name, let element, name != element {
                parameters["column"] = "\(name) → \(element)"
            }
            let column = index.map { $0 + 1 } ?? 1
            return Fault(
                fault.code, parameters,
                at: SourcePlace(file: name, line: line, column: column))
        }
    }
}

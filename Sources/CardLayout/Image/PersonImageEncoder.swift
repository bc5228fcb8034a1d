public import CardData

/// Builds the image of one person's card from named values, and refuses with every reason at once.
public struct PersonImageEncoder: Sendable {
    /// The layout.
    public let layout: CardLayout
    private let index: ElementIndex
    let format: ElementFormat
    /// What cards say of their version.
    private var version: String

    /// Prepares a layout for many persons; without `codes` the code tables are not asked.
    public init(layout: CardLayout, codes: CodeLookup? = nil) {
        self.layout = layout
        index = ElementIndex(layout)
        format = ElementFormat(codes: codes)
        version = layout.specificationVersion
    }

    /// The same for a card that is there: the version that it says it is of stays, where the layout accepts it.
    ///
    /// A card that is made is always of the layout's own.
    public func keeping(version: String?) -> PersonImageEncoder {
        var encoder = self
        if let version, layout.accepts(version: version) { encoder.version = version }
        return encoder
    }

    /// The names that values may have.
    ///
    /// An element's own where only one has it, else `DF03.EF07.pensionKind`; `DF02.EF07` for the rows of a cyclic file. The full form is
    /// always understood.
    public var valueNames: [String] { index.names.map(index.shortest) }

    /// The names of values without which no card is issued; the specification version is the layout's own and is not asked for.
    public var mandatoryNames: [String] {
        index.names.filter { name in
            guard case .element(_, _, let element)? = try? index.target(name).target else { return false }
            return element.mandatory && element.name != Self.versionElement
        }.map(index.shortest)
    }

    /// The image with the elements that have a value; an empty text is no value.
    ///
    /// Throws all of `layout.value-unknown`, `layout.value-ambiguous`, `layout.value-twice`, `layout.value-missing`,
    /// `layout.two-meanings`, `layout.companion-missing`, `layout.written-by-card`, `layout.version-differs`, `element.…` and the faults of the value types; those without a place get `place`.
    public func encode(_ values: [String: String], at place: SourcePlace? = nil) throws(Faults) -> CardImage {
        var faults = FaultCollector()
        var given: [String: String] = [:]
        for (name, value) in values.sorted(by: { $0.key < $1.key }) where !value.isEmpty {
            guard let full = faults.attempt(at: place, { () throws(Faults) in try index.target(name).name }) else {
                continue
            }
            if given.updateValue(value, forKey: full) != nil {
                faults.add("layout.value-twice", ["name": full], at: place)
            }
        }
        var files: [CardImage.File] = []
        for directory in layout.directories {
            for file in directory.files where file.isCreated {
                let content = content(of: file, in: directory, given, place, &faults)
                if let content { files.append(CardImage.File(directory: directory.name, file: file, content: content)) }
            }
        }
        try faults.check()
        return CardImage(files: files)
    }

    /// The records of one element, as strictly checked as those of a whole card.
    ///
    /// Throws `element.…` and the faults of the value types; `card.update-issue` and `card.update-holder` for what is kept on a record
    /// beside the card, `layout.not-alone` for elements that only stand with others.
    public func records(
        _ text: String, of element: Element, in file: ElementaryFile
    ) throws(Faults) -> [CardImage.Record] {
        switch element.record {
        case .issue: throw Faults("card.update-issue", ["element": element.name, "title": element.title])
        case .holder: throw Faults("card.update-holder", ["element": element.name, "title": element.title])
        case nil: break
        }
        guard case .variableRecord = file.structure, element.reinterpretation == nil, element != file.personName,
            element != file.nameExtension, element.name != Self.versionElement
        else { throw Faults("layout.not-alone", ["element": element.name]) }
        return try records(text, element, file)
    }

    /// The new record of a cyclic file, the newest once it is written, as strictly checked as those of a whole card.
    ///
    /// Throws `layout.not-cyclic`, `layout.written-by-card`, `layout.row-empty` for a row without a value, `element.too-many` for several
    /// rows, `element.…` and the faults of the value types.
    public func row(_ text: String, of file: ElementaryFile) throws(Faults) -> CardImage.Record {
        guard case .cyclic = file.structure else { throw Faults("layout.not-cyclic", ["file": file.name]) }
        guard file.write.canBeMet else { throw Faults("layout.written-by-card", ["file": file.name]) }
        let hasValue = try TemplateText.read(text).contains { row in row.values.contains { !$0.isEmpty } }
        guard hasValue, let record = try rows(text, 1, file).first else {
            throw Faults("layout.row-empty", ["file": file.name])
        }
        return record
    }

    static let versionElement = "specificationVersion"

    private func content(
        of file: ElementaryFile, in directory: Directory, _ given: [String: String], _ place: SourcePlace?,
        _ faults: inout FaultCollector
    ) -> CardImage.Content? {
        let path = "\(directory.name).\(file.name)"
        if case .cyclic(let count, _) = file.structure {
            guard let text = given[path] else { return nil }
            return faults.attempt(at: place) { () throws(Faults) in .records(try rows(text, count, file)) }
        }
        var records: [CardImage.Record] = []
        for element in file.elements where element != file.nameExtension {
            let name = "\(path).\(element.name)"
            if let later = element.reinterpretation {
                let written = faults.attempt(at: place) { () throws(Faults) in
                    try laterRecords(later, of: element, in: file, path, given)
                }
                records += written?.records ?? []
                if written?.isLater ?? true { continue }
            }
            guard let text = text(of: element, given[name], name, place, &faults) else { continue }
            if case .transparent = file.structure {
                return faults.attempt(at: place) { () throws(Faults) in .bytes(try wholeFile(text, file, element)) }
            }
            records += faults.attempt(at: place) { () throws(Faults) in try self.records(text, element, file) } ?? []
        }
        return records.isEmpty ? nil : .records(records)
    }

    private func text(
        of element: Element, _ given: String?, _ name: String, _ place: SourcePlace?, _ faults: inout FaultCollector
    ) -> String? {
        if element.name == Self.versionElement {
            if let given, given != version {
                faults.add("layout.version-differs", ["value": given, "expected": version], at: place)
            }
            return version
        }
        if given == nil && element.mandatory {
            faults.add("layout.value-missing", ["name": index.shortest(name), "title": element.title], at: place)
        }
        return given
    }

    private func records(
        _ text: String, _ element: Element, _ file: ElementaryFile
    ) throws(Faults) -> [CardImage.Record] {
        if element == file.personName { return try nameRecords(text, element, file) }
        let value = try ElementCodec.value(text, for: element)
        let checked: ElementValue
        switch value {
        case .text(let text): checked = .text(try format.checked(text, element))
        case .bytes(let bytes):
            _ = try format.checked(text, element)
            checked = .bytes(bytes)
        case .templates(let rows): checked = .templates(try format.checked(rows, element.inner))
        }
        return file.records(of: element, values: try ElementCodec.values(checked, of: element))
    }

    /// The name goes into its element, what does not fit into the extension; an extension that is not needed is written blank, so that
    /// nothing of an earlier name stays behind it.
    private func nameRecords(
        _ text: String, _ element: Element, _ file: ElementaryFile
    ) throws(Faults) -> [CardImage.Record] {
        let name: PersonName
        do {
            name = try PersonName(text)
        } catch {
            throw Faults(error.faults.map { $0.naming(element) }) ?? error
        }
        let main = name.mainBytes + [UInt8](repeating: 0, count: max(0, element.length - name.mainBytes.count))
        guard let more = file.nameExtension else {
            guard name.extensionBytes.isEmpty, main.count == element.length else {
                throw Faults(
                    "element.too-long",
                    [
                        "element": element.name, "most": String(element.length),
                        "length": String(name.mainBytes.count + name.extensionBytes.count),
                    ])
            }
            return file.records(of: element, values: [main])
        }
        let rest = name.extensionBytes + [UInt8](repeating: 0, count: max(0, more.length - name.extensionBytes.count))
        guard main.count == element.length, rest.count == more.length else {
            throw Faults("layout.name-lengths", ["element": element.name], at: element.place)
        }
        return file.records(of: element, values: [main]) + file.records(of: more, values: [rest])
    }

    /// A transparent file is written whole, shorter content filled with the file's padding.
    private func wholeFile(_ text: String, _ file: ElementaryFile, _ element: Element) throws(Faults) -> [UInt8] {
        guard case .transparent(let size) = file.structure,
            case .bytes(let bytes) = try ElementCodec.value(text, for: element)
        else {
            throw Faults("element.wrong-kind", ["element": element.name])
        }
        guard bytes.count <= size else {
            throw Faults(
                "element.too-long", ["element": element.name, "length": String(bytes.count), "most": String(size)])
        }
        _ = try format.checked(text, element)
        return bytes + [UInt8](repeating: file.padding, count: size - bytes.count)
    }

    private func rows(_ text: String, _ count: Int, _ file: ElementaryFile) throws(Faults) -> [CardImage.Record] {
        let rows = try format.checked(try TemplateText.read(text), file.elements)
        guard rows.count <= count else {
            throw Faults(
                "element.too-many", ["element": file.name, "count": String(rows.count), "most": String(count)])
        }
        var records: [CardImage.Record] = []
        // The newest row comes first in the text and last onto the ring.
        for (index, row) in rows.enumerated().reversed() {
            records.append(
                CardImage.Record(
                    number: index + 1, tag: nil, element: file.name, bytes: try RowCodec.encode(row, of: file),
                    place: file.place))
        }
        return records
    }
}

extension Element {
    /// The inner elements of a template; none for all others.
    var inner: [Element] {
        if case .template(_, let inner) = coding { inner } else { [] }
    }
}

extension CardLayout {
    /// The image of one person's card; see ``PersonImageEncoder``, which prepares the layout once for many.
    public func encode(values: [String: String], codes: CodeLookup? = nil) throws(Faults) -> CardImage {
        try PersonImageEncoder(layout: self, codes: codes).encode(values)
    }
}

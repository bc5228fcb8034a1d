import CardData

/// Reads one file's records or bytes and notes what is not as it should be.
struct FileContentReader {
    let path: String
    let file: ElementaryFile
    private(set) var warnings: [Fault] = []

    init(path: String, file: ElementaryFile) {
        self.path = path
        self.file = file
    }

    mutating func read(_ raw: CardContent.RawFile) -> CardContent.FileContent? {
        switch (file.structure, raw) {
        case (.variableRecord, .records(let records)), (.fixedRecord, .records(let records)):
            return .elements(elements(records))
        case (.cyclic, .records(let records)): return .rows(records.compactMap { row($0) })
        case (.transparent, .bytes(let bytes)):
            guard let element = file.elements.first else { return .bytes(bytes) }
            let isBlank = bytes.allSatisfy { $0 == 0x00 } || bytes.allSatisfy { $0 == 0xFF }
            return .elements(isBlank ? [] : [value(element, .bytes(unpadded(bytes, element)))])
        default:
            warn("content.structure")
            return nil
        }
    }

    /// A picture without its filler; of anything else nobody can say where it ends.
    private mutating func unpadded(_ bytes: [UInt8], _ element: Element) -> [UInt8] {
        guard element.format == .picture else { return bytes }
        do {
            return try Picture(padded: bytes).bytes
        } catch {
            warnings += error.faults.map { $0.naming(element).naming(path: path) }
            return bytes
        }
    }

    // MARK: records

    private mutating func elements(_ records: [[UInt8]]) -> [CardContent.Value] {
        var byTag: [UInt8: [[UInt8]]] = [:]
        for (index, record) in records.enumerated() {
            guard record.count >= 2, let tag = record.first, file.elements.contains(where: { $0.tag == tag }) else {
                // Places that no record was ever written to read as filler.
                if !record.allSatisfy({ $0 == 0x00 || $0 == 0xFF }) {
                    warn("content.unknown-record", ["number": String(index + 1)])
                }
                continue
            }
            byTag[tag, default: []].append(content(of: record, number: index + 1))
        }
        var values: [CardContent.Value] = []
        var bytes: [String: [UInt8]] = [:]
        let meanings = file.elements.map { element in
            file.laterMeaning(of: element, in: byTag.compactMapValues(\.first)) ?? element
        }
        for (element, meaning) in zip(file.elements, meanings) {
            guard let tag = element.tag, var found = byTag[tag] else { continue }
            // Behind a new meaning only its filler is cut off.
            if meaning != element { found = found.map { Array($0.prefix(meaning.length)) } }
            bytes[meaning.name] = fitted(found, meaning)
        }
        for element in meanings where element != file.nameExtension {
            guard let content = bytes[element.name] else { continue }
            if element == file.personName {
                let more = file.nameExtension.flatMap { bytes[$0.name] } ?? []
                if let name = name(content, more, element) { values.append(name) }
            } else if let decoded = decode(content, element) {
                values.append(value(element, decoded))
            }
        }
        return values
    }

    /// The value of a record by its own length byte; a card that answers more or less is believed as far as it goes.
    private mutating func content(of record: [UInt8], number: Int) -> [UInt8] {
        let length = Int(record[1])
        if record.count != length + 2 {
            warn("content.record-length", ["number": String(number)])
        }
        return Array(record.dropFirst(2).prefix(length))
    }

    /// All repetitions, each brought to the element's length, missing ones blank.
    private mutating func fitted(_ found: [[UInt8]], _ element: Element) -> [UInt8] {
        if found.count > element.repeats {
            warn("content.repeated", ["element": element.name, "count": String(found.count)])
        }
        let blank = ElementCodec.blank(element)
        var bytes: [UInt8] = []
        for index in 0..<element.repeats {
            guard index < found.count else {
                bytes += blank
                continue
            }
            let content = found[index]
            // Behind a value that stands in the longer record of an older version there is nothing but EE.
            let isFilled =
                content.count > element.length
                && content.dropFirst(element.length).allSatisfy { $0 == Reinterpretation.filler }
            if content.count != element.length, !isFilled {
                warn(
                    "content.element-length",
                    [
                        "element": element.name, "length": String(content.count),
                        "expected": String(element.length),
                    ])
            }
            bytes += content.prefix(element.length) + blank.dropFirst(content.count)
        }
        return bytes
    }

    private mutating func decode(_ bytes: [UInt8], _ element: Element) -> ElementValue? {
        do {
            guard let value = try ElementCodec.decode(bytes, element) else { return nil }
            judge(value, element)
            return value
        } catch {
            warnings += error.faults.map { $0.naming(element).naming(path: path) }
            return .bytes(bytes)
        }
    }

    /// A name whose two parts cannot be joined is given by its first part.
    private mutating func name(_ main: [UInt8], _ more: [UInt8], _ element: Element) -> CardContent.Value? {
        let isBlank = main.allSatisfy { $0 == 0x00 } || main.allSatisfy { $0 == 0xFF }
        if isBlank { return nil }
        let rest = more.allSatisfy { $0 == 0xFF } ? [] : more
        if let name = try? PersonName(main: main, extension: rest) { return value(element, .text(name.text)) }
        warn("content.name", ["element": element.name])
        return decode(main, element).map { value(element, $0) }
    }

    private mutating func row(_ record: [UInt8]) -> [String: String]? {
        do {
            return try RowCodec.decode(record, of: file)
        } catch {
            warnings += error.faults.map { $0.naming(path: path) }
            return nil
        }
    }

    // MARK: judging

    /// What issuing would refuse is only told when reading: older numbers have no check character, for example.
    private mutating func judge(_ value: ElementValue, _ element: Element) {
        let format = ElementFormat(codes: nil)
        do {
            switch value {
            case .text(let text): _ = try format.checked(text, element)
            case .bytes: _ = try format.checked(value.text, element)
            case .templates(let rows): _ = try format.checked(rows, element.inner)
            }
        } catch {
            warnings += error.faults.map { $0.naming(path: path) }
        }
    }

    private func value(_ element: Element, _ value: ElementValue) -> CardContent.Value {
        CardContent.Value(name: element.name, title: element.title, value: value)
    }

    private mutating func warn(_ code: FaultCode, _ parameters: [String: String] = [:]) {
        warnings.append(Fault(code, parameters).naming(path: path))
    }
}

extension Fault {
    /// The same fault, telling which file of the card it is about.
    fileprivate func naming(path: String) -> Fault {
        Fault(code, parameters.merging(["file": path]) { mine, _ in mine }, at: place)
    }
}

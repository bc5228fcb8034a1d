import ByteText
public import CardData

/// Turns values into the bytes of data elements and back (file structure specification V2.0 §7).
///
/// `an` is filled at the right with 00, `cn` with the digit F, and both stand at the left.
public enum ElementCodec {
    /// The bytes of an element: one value, or all of a template's repetitions one after the other.
    ///
    /// Throws what ``values(_:of:)`` throws.
    public static func encode(_ value: ElementValue, _ element: Element) throws(Faults) -> [UInt8] {
        try values(value, of: element).flatMap(\.self)
    }

    /// The value of each record: one, or as many as the template repeats, missing ones blank.
    ///
    /// Throws `element.too-long`, `element.not-digits`, `element.not-hexadecimal`, `element.wrong-length`, `element.wrong-kind`,
    /// `element.too-many`, `element.unknown-inner`, and what the text and the format's value type throw, each with `element`.
    public static func values(_ value: ElementValue, of element: Element) throws(Faults) -> [[UInt8]] {
        switch (element.coding, value) {
        case (.template(_, let inner), .templates(let rows)):
            guard rows.count <= element.repeats else {
                throw Faults(
                    "element.too-many",
                    ["element": element.name, "count": String(rows.count), "most": String(element.repeats)])
            }
            var faults = FaultCollector()
            var values: [[UInt8]] = []
            for row in rows {
                values.append(faults.attempt { () throws(Faults) in try template(row, inner, of: element) } ?? [])
            }
            try faults.check()
            while values.count < element.repeats { values.append(blank(element)) }
            return values
        case (.text, .text(let text)): return [try fitted(try textBytes(text, element), 0x00, element)]
        case (.packedDigits, .text(let digits)): return [try PackedDigits.encode(digits, element)]
        case (.binary, .bytes(let bytes)):
            guard bytes.count == element.length else {
                throw Faults(
                    "element.wrong-length",
                    ["element": element.name, "length": String(bytes.count), "expected": String(element.length)])
            }
            return [bytes]
        default: throw Faults("element.wrong-kind", ["element": element.name])
        }
    }

    /// What a record of the element holds before anything is written: `an` and `b` 00, `cn` FF, templates with blank inner elements.
    public static func blank(_ element: Element) -> [UInt8] {
        switch element.coding {
        case .text, .binary: [UInt8](repeating: 0x00, count: element.length)
        case .packedDigits: [UInt8](repeating: 0xFF, count: element.length)
        case .template(_, let inner): inner.flatMap { header($0) + blank($0) }
        }
    }

    /// Reads the bytes of an element, as ``encode(_:_:)`` gives them; nil when they are blank.
    ///
    /// Throws `element.wrong-length`, `element.padding`, `element.template-form` and what undecodable text throws.
    public static func decode(_ bytes: [UInt8], _ element: Element) throws(Faults) -> ElementValue? {
        guard case .template(_, let inner) = element.coding else { return try single(bytes, element) }
        guard bytes.count == element.length * element.repeats else { throw wrongLength(bytes, element) }
        var rows: [[String: String]] = []
        for start in stride(from: 0, to: bytes.count, by: max(1, element.length)) {
            rows.append(try row(Array(bytes[start..<start + element.length]), inner, of: element))
        }
        while rows.last?.isEmpty == true { rows.removeLast() }
        return rows.isEmpty ? nil : .templates(rows)
    }

    /// Reads text as CSV and the command line write it into the kind of value that the element has.
    ///
    /// Throws `element.not-hexadecimal`, `element.template-syntax` and `element.template-repeated`.
    public static func value(_ text: String, for element: Element) throws(Faults) -> ElementValue {
        switch element.coding {
        case .text, .packedDigits: return .text(text)
        case .binary:
            guard let bytes = [UInt8](hexadecimal: text) else {
                throw Faults("element.not-hexadecimal", ["element": element.name])
            }
            return .bytes(bytes)
        case .template: return .templates(try TemplateText.read(text))
        }
    }

    static func header(_ element: Element) -> [UInt8] {
        element.tag.map { [$0, UInt8(truncatingIfNeeded: element.length)] } ?? []
    }

    // MARK: one value

    static func single(_ bytes: [UInt8], _ element: Element) throws(Faults) -> ElementValue? {
        guard bytes.count == element.length else { throw wrongLength(bytes, element) }
        // A record that was never written may hold either filler.
        if bytes.allSatisfy({ $0 == 0xFF }) || bytes == blank(element) { return nil }
        switch element.coding {
        case .text:
            let end = (bytes.lastIndex { $0 != 0x00 } ?? -1) + 1
            return .text(try GBKText.decode(bytes[..<end]))
        case .packedDigits: return .text(try PackedDigits.decode(bytes, element))
        case .binary: return .bytes(bytes)
        case .template: return try decode(bytes, element)
        }
    }

    private static func textBytes(_ text: String, _ element: Element) throws(Faults) -> [UInt8] {
        do {
            return try GBKText.encode(text)
        } catch {
            throw Faults(error.faults.map { $0.naming(element) }) ?? error
        }
    }

    private static func fitted(_ bytes: [UInt8], _ filler: UInt8, _ element: Element) throws(Faults) -> [UInt8] {
        guard bytes.count <= element.length else {
            throw Faults(
                "element.too-long",
                ["element": element.name, "length": String(bytes.count), "most": String(element.length)])
        }
        return bytes + [UInt8](repeating: filler, count: element.length - bytes.count)
    }

    static func wrongLength(_ bytes: [UInt8], _ element: Element) -> Faults {
        Faults(
            "element.wrong-length",
            [
                "element": element.name, "length": String(bytes.count),
                "expected": String(element.length * element.repeats),
            ])
    }

    // MARK: templates

    private static func template(
        _ row: [String: String], _ inner: [Element], of element: Element
    ) throws(Faults) -> [UInt8] {
        var faults = FaultCollector()
        for name in row.keys.sorted() where !inner.contains(where: { $0.name == name }) {
            let known = inner.map(\.name).joined(separator: ", ")
            faults.add("element.unknown-inner", ["element": element.name, "name": name, "known": known])
        }
        var bytes: [UInt8] = []
        for part in inner {
            bytes += header(part)
            guard let text = row[part.name], !text.isEmpty else {
                bytes += blank(part)
                continue
            }
            bytes +=
                faults.attempt { () throws(Faults) in try encode(try value(text, for: part), part) } ?? []
        }
        try faults.check()
        return bytes
    }

    private static func row(
        _ bytes: [UInt8], _ inner: [Element], of element: Element
    ) throws(Faults) -> [String: String] {
        // A record never written holds filler instead of a template.
        if bytes.allSatisfy({ $0 == 0xFF }) || bytes.allSatisfy({ $0 == 0x00 }) { return [:] }
        var reader = ByteReader(bytes)
        var row: [String: String] = [:]
        for part in inner {
            guard let content = try? reader.take(2 + part.length), content.starts(with: header(part)) else {
                throw Faults("element.template-form", ["element": element.name, "inner": part.name])
            }
            row[part.name] = try single(Array(content.dropFirst(2)), part)?.text
        }
        return row
    }
}

extension Fault {
    /// The same fault, telling which element it is about.
    func naming(_ element: Element) -> Fault {
        Fault(code, parameters.merging(["element": element.name]) { mine, _ in mine }, at: place)
    }
}

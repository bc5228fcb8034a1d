import CardData

/// Reads one data element of a layout: `name: {tag: 08, title: …, type: an, length: 12}`.
struct ElementReader {
    private static let keys: Set<String> = [
        "tag", "title", "type", "length", "repeat", "format", "table", "mandatory", "record", "read", "inner",
        "reinterpreted",
    ]
    /// What a later meaning of a tag may say: one value, read like any other.
    private static let reinterpretationKeys: Set<String> = ["title", "type", "length", "format", "table", "companion"]

    /// All elements of a mapping in its order; what is wrong goes to `reading`.
    static func readAll(_ node: YAMLNode?, inner: Bool = false, into reading: inout NodeReading) -> [Element] {
        guard let node, let entries = reading.faults.attempt({ () throws(Faults) in try node.mapping }) else {
            return []
        }
        return entries.compactMap { read($0, inner: inner, into: &reading) }
    }

    private static func read(_ entry: YAMLNode.Entry, inner: Bool, into reading: inout NodeReading) -> Element? {
        let node = entry.value
        let before = reading.faults.faults.count
        reading.refuseUnknownKeys(of: node, allowed: keys)
        checkName(entry, &reading)
        let tag = reading.optional(node, "tag") { value throws(Faults) in try value.hexByte }
        if inner && node["tag"] == nil {
            reading.faults.add("data-file.missing-key", ["key": "tag"], at: entry.place)
        }
        let title = reading.string(node, "title")
        let length = reading.required(node, "length") { value throws(Faults) in try value.hexLength(in: 1...0xFFFF) }
        let repeats = reading.optional(node, "repeat") { value throws(Faults) in try value.integer(in: 1...255) } ?? 1
        let coding = coding(of: node, tag: tag, inner: inner, into: &reading)
        let format = reading.optional(node, "format") { value throws(Faults) in try Self.format(value) }
        let table = reading.optional(node, "table") { value throws(Faults) in try value.string }
        let mandatory = reading.optional(node, "mandatory") { value throws(Faults) in try value.boolean } ?? false
        let record = reading.optional(node, "record") { value throws(Faults) in try Self.record(value) }
        let read = reading.optional(node, "read") { value throws(Faults) in try AccessRuleReader.read(value) }
        let isTemplate = if case .template = coding { true } else { false }
        if coding != nil, !isTemplate, repeats != 1 {
            reading.faults.add("layout.repeat-without-template", ["name": entry.key], at: entry.place)
        }
        let later = reinterpretation(of: node, tag: tag, into: &reading)
        guard reading.faults.faults.count == before, let title, let length, let coding else { return nil }
        return Element(
            tag: tag, name: entry.key, title: title, coding: coding, length: length, repeats: repeats, format: format,
            codeTable: table, mandatory: mandatory, record: record, read: read, reinterpretation: later,
            place: entry.place)
    }

    /// `reinterpreted: {nationality: {title: …, type: an, length: 03, companion: 38}}`: the one later meaning of the tag.
    private static func reinterpretation(
        of node: YAMLNode, tag: UInt8?, into reading: inout NodeReading
    ) -> Reinterpretation? {
        guard let node = node["reinterpreted"] else { return nil }
        guard let tag, let entry = (try? node.mapping)?.first, (try? node.mapping)?.count == 1 else {
            reading.faults.add("layout.reinterpreted-form", at: node.place)
            return nil
        }
        let value = entry.value
        reading.refuseUnknownKeys(of: value, allowed: reinterpretationKeys)
        checkName(entry, &reading)
        let title = reading.string(value, "title")
        let length = reading.required(value, "length") { value throws(Faults) in try value.hexLength(in: 1...0xFF) }
        let coding = coding(of: value, tag: tag, inner: true, into: &reading)
        let format = reading.optional(value, "format") { value throws(Faults) in try Self.format(value) }
        let table = reading.optional(value, "table") { value throws(Faults) in try value.string }
        let companion = reading.optional(value, "companion") { value throws(Faults) in try value.hexByte }
        guard let title, let length, let coding else { return nil }
        let element = Element(
            tag: tag, name: entry.key, title: title, coding: coding, length: length, format: format, codeTable: table,
            place: entry.place)
        return .later(element, companion: companion)
    }

    private static func coding(
        of node: YAMLNode, tag: UInt8?, inner isInner: Bool, into reading: inout NodeReading
    ) -> Element.Coding? {
        guard let type = reading.string(node, "type") else { return nil }
        let place = node["type"]?.place
        if type != "b-tlv", let inner = node["inner"] {
            reading.faults.add("layout.inner-without-template", at: inner.place)
        }
        switch type {
        case "an": return .text
        case "cn": return .packedDigits
        case "b": return .binary
        case "b-tlv" where !isInner:
            let inner = reading.required(node, "inner") { value throws(Faults) in value }
            let elements = readAll(inner, inner: true, into: &reading)
            guard let tag else {
                if node["tag"] == nil {
                    reading.faults.add("data-file.missing-key", ["key": "tag"], at: node.place)
                }
                return nil
            }
            return .template(tag: tag, inner: elements)
        default:
            let allowed = isInner ? "an, cn, b" : "an, cn, b, b-tlv"
            reading.faults.add("layout.unknown-choice", ["value": type, "allowed": allowed], at: place)
            return nil
        }
    }

    private static func format(_ node: YAMLNode) throws(Faults) -> Element.Format {
        let text = try node.string
        guard let format = Element.Format(rawValue: text) else {
            let allowed = Element.Format.allCases.map(\.rawValue).joined(separator: ", ")
            throw node.fault("layout.unknown-choice", ["value": text, "allowed": allowed])
        }
        return format
    }

    private static func record(_ node: YAMLNode) throws(Faults) -> Element.Record {
        let text = try node.string
        guard let record = Element.Record(rawValue: text) else {
            let allowed = Element.Record.allCases.map(\.rawValue).joined(separator: ", ")
            throw node.fault("layout.unknown-choice", ["value": text, "allowed": allowed])
        }
        return record
    }

    /// Names become CSV columns and parts of `DF01.EF05.name`.
    private static func checkName(_ entry: YAMLNode.Entry, _ reading: inout NodeReading) {
        let plain = entry.key.utf8.allSatisfy {
            switch $0 {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: false
            }
        }
        if !plain { reading.faults.add("layout.element-name", ["name": entry.key], at: entry.place) }
    }
}

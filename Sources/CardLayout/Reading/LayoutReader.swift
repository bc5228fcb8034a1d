public import CardData

/// Reads a layout file (`CardLayouts/NAME.yaml`) with the files it extends, and tells everything that is wrong at once.
public enum LayoutReader {
    /// Throws what reading YAML throws and the `layout.` faults of form; whether the layout makes sense is the lint's to judge.
    public static func read(_ path: String) throws(Faults) -> CardLayout { try read(ExtendingFile.read(path)) }

    /// Reads a layout that stands in one piece; throws the `layout.` faults of form.
    public static func read(_ root: YAMLNode) throws(Faults) -> CardLayout {
        var reading = NodeReading()
        reading.refuseUnknownKeys(
            of: root,
            allowed: [
                "name", "title", "extends", "specificationVersion", "acceptedVersions", "profile", "readOrder",
                "reservedTags", "budget", "regionalPlaces", "directories",
            ])
        let name = reading.string(root, "name")
        let title = reading.required(root, "title", Self.title)
        let version = reading.string(root, "specificationVersion")
        let accepted = reading.optional(root, "acceptedVersions") { value throws(Faults) -> [String] in
            var versions: [String] = []
            for member in try value.list { versions.append(try member.string) }
            return versions
        }
        let profile = reading.string(root, "profile")
        let extended = reading.optional(root, "extends") { value throws(Faults) in try value.string }
        let tags = reading.optional(root, "reservedTags") { value throws(Faults) in try value.hexBytes } ?? []
        let budget = BudgetReader.read(root["budget"], into: &reading)
        let entries = reading.required(root, "directories") { value throws(Faults) in try value.mapping } ?? []
        let directories = entries.compactMap { directory($0, &reading) }
        let readOrder = readOrder(root, entries.map(\.key), &reading)
        let places = RegionalPlaceReader.read(root["regionalPlaces"], into: &reading)
        try reading.faults.check()
        guard let name, let title, let version, let profile else {
            throw root.fault("data-file.not-a-mapping")
        }
        return CardLayout(
            name: name, specificationVersion: version, title: title.chinese, englishTitle: title.english,
            profileName: profile, directories: directories, extendedName: extended, reservedTags: Set(tags),
            budget: budget, readOrder: readOrder,
            acceptedVersions: accepted, regionalPlaces: places, place: root.place)
    }

    /// A title in both languages, `{zh: …, en: …}`, or in Chinese alone, as files of before have it.
    private static func title(_ value: YAMLNode) throws(Faults) -> (chinese: String, english: String?) {
        guard case .mapping = value.content else { return (try value.string, nil) }
        var reading = NodeReading()
        reading.refuseUnknownKeys(of: value, allowed: ["zh", "en"])
        let chinese = reading.string(value, "zh")
        let english = reading.string(value, "en")
        try reading.faults.check()
        guard let chinese, let english else { throw value.fault("data-file.not-a-mapping") }
        return (chinese, english)
    }

    private static func readOrder(_ root: YAMLNode, _ known: [String], _ reading: inout NodeReading) -> [String] {
        reading.optional(root, "readOrder") { value throws(Faults) in
            var names: [String] = []
            for member in try value.list {
                let name = try member.string
                guard known.contains(name), !names.contains(name) else {
                    throw member.fault("layout.read-order", ["name": name, "known": known.joined(separator: ", ")])
                }
                names.append(name)
            }
            return names
        } ?? []
    }

    /// Reads the layout that a layout extends, from the same folder; nil for one that stands alone.
    ///
    /// Throws what ``read(_:)`` throws.
    public static func readBase(of layout: CardLayout) throws(Faults) -> CardLayout? {
        guard let name = layout.extendedName else { return nil }
        return try read(ExtendingFile.path(of: name, beside: layout.place.file))
    }

    private static func directory(_ entry: YAMLNode.Entry, _ reading: inout NodeReading) -> Directory? {
        let node = entry.value
        reading.refuseUnknownKeys(of: node, allowed: ["title", "identifier", "select", "parent", "files"])
        let identifier = identifier(of: entry, &reading)
        let title = reading.string(node, "title")
        let parent = reading.optional(node, "parent") { value throws(Faults) in try value.string }
        let name = reading.optional(node, "select") { value throws(Faults) in
            let bytes = try value.hexBytes
            guard (5...16).contains(bytes.count) else {
                throw value.fault("layout.select-length", ["length": String(bytes.count)])
            }
            return bytes
        }
        let entries = reading.required(node, "files") { value throws(Faults) in try value.mapping } ?? []
        let files = entries.compactMap { file($0, &reading) }
        guard let identifier, let title else { return nil }
        return Directory(
            name: entry.key, identifier: identifier, dedicatedFileName: name, parent: parent, title: title,
            files: files, place: entry.place)
    }

    private static func file(_ entry: YAMLNode.Entry, _ reading: inout NodeReading) -> ElementaryFile? {
        let node = entry.value
        reading.refuseUnknownKeys(
            of: node,
            allowed: [
                "title", "identifier", "structure", "records", "length", "size", "padding", "read", "write",
                "protection",
                "class", "elements",
            ])
        let identifier = identifier(of: entry, &reading)
        let title = reading.string(node, "title")
        let structure = structure(of: node, &reading)
        let read = reading.required(node, "read") { value throws(Faults) in try AccessRuleReader.read(value) }
        let write = reading.required(node, "write") { value throws(Faults) in try AccessRuleReader.read(value) }
        let availability: ElementaryFile.Availability? =
            node["class"] == nil ? .enabled : reading.choice(node, "class")
        let padding = reading.optional(node, "padding") { value throws(Faults) in try value.hexByte } ?? 0x00
        let elements = ElementReader.readAll(node["elements"], into: &reading)
        let protection = protection(of: node, &reading)
        guard let identifier, let title, let structure, let read, let write, let availability else { return nil }
        return ElementaryFile(
            name: entry.key, identifier: identifier, title: title, structure: structure, read: read, write: write,
            protection: protection, availability: availability, elements: elements, padding: padding,
            place: entry.place)
    }

    /// `protection: {mode: mac, key: STKDF01, reading: plain}`; none for a file whose commands travel in plain.
    private static func protection(of node: YAMLNode, _ reading: inout NodeReading) -> FileProtection? {
        guard let value = node["protection"] else { return nil }
        reading.refuseUnknownKeys(of: value, allowed: ["mode", "key", "reading"])
        let mode = reading.choice(value, "mode", FileProtection.Mode.self)
        let key = reading.string(value, "key")
        let way = reading.choice(value, "reading", FileProtection.Reading.self)
        guard let mode, let key, let way else { return nil }
        return FileProtection(mode: mode, keyName: key, reading: way, place: value.place)
    }

    private static func structure(of node: YAMLNode, _ reading: inout NodeReading) -> ElementaryFile.Structure? {
        guard let text = reading.string(node, "structure") else { return nil }
        let allowed: Set<String>
        let structure: ElementaryFile.Structure?
        switch text {
        case "variable-record": (allowed, structure) = ([], .variableRecord)
        case "fixed-record", "cyclic":
            let count = reading.integer(node, "records", in: 2...254)
            let length = reading.required(node, "length") { value throws(Faults) in try value.hexLength(in: 1...0xFF) }
            allowed = ["records", "length"]
            if let count, let length {
                structure =
                    text == "cyclic"
                    ? .cyclic(count: count, length: length) : .fixedRecord(count: count, length: length)
            } else {
                structure = nil
            }
        case "transparent":
            let size = reading.required(node, "size") { value throws(Faults) in try value.hexLength(in: 1...0x7FFF) }
            (allowed, structure) = (["size", "padding"], size.map { .transparent(size: $0) })
        default:
            reading.faults.add(
                "layout.unknown-choice",
                ["value": text, "allowed": "variable-record, fixed-record, cyclic, transparent"],
                at: node["structure"]?.place)
            return nil
        }
        for key in ["records", "length", "size", "padding"] where !allowed.contains(key) {
            if let value = node[key] {
                reading.faults.add("layout.not-for-structure", ["key": key, "structure": text], at: value.place)
            }
        }
        return structure
    }

    /// `EF05` is its own identifier; another name needs one.
    private static func identifier(of entry: YAMLNode.Entry, _ reading: inout NodeReading) -> UInt16? {
        if entry.value["identifier"] == nil, entry.key.utf8.count == 4, let number = UInt16(entry.key, radix: 16) {
            return number
        }
        return reading.required(entry.value, "identifier") { value throws(Faults) in try value.hexNumber() }
    }
}

import ByteText
import CardData

/// Reads the command templates of a profile (`commands:`).
enum CommandSetReader {
    /// The set, or nil with its faults noted: `layout.unknown-command`, `layout.command-template`,
    /// `layout.command-missing`.
    static func read(_ root: YAMLNode, into reading: inout NodeReading) -> CommandSet? {
        guard
            let entries = reading.required(root, "commands", { value throws(Faults) in try value.mapping })
        else { return nil }
        var templates: [CommandSet.Name: CommandTemplate] = [:]
        for entry in entries {
            guard let name = CommandSet.Name.allCases.first(where: { $0.rawValue.hyphenated == entry.key }) else {
                let known = CommandSet.Name.allCases.map(\.rawValue.hyphenated).joined(separator: ", ")
                reading.faults.add("layout.unknown-command", ["name": entry.key, "known": known], at: entry.place)
                continue
            }
            // `none` takes away what the extended profile has.
            if (try? entry.value.string) == "none", !name.isRequired { continue }
            templates[name] = reading.faults.attempt { () throws(Faults) in
                try template(entry.value, for: name)
            }
        }
        for name in CommandSet.Name.allCases
        where name.isRequired && !entries.contains(where: { $0.key == name.rawValue.hyphenated }) {
            reading.faults.add("layout.command-missing", ["name": name.rawValue.hyphenated], at: root.place)
        }
        return CommandSet(templates)
    }

    /// `80 E0 {identifier} | 38 {size} … {name} | 00`.
    private static func template(_ node: YAMLNode, for name: CommandSet.Name) throws(Faults) -> CommandTemplate {
        let text = try node.string
        let sections = text.split(separator: "|", omittingEmptySubsequences: false)
        guard sections.count <= 3 else { throw fault(node, text) }
        let header = try parts(sections[0], node, name)
        let data = sections.count > 1 ? try parts(sections[1], node, name) : []
        var expectedLength: UInt8?
        if sections.count == 3 {
            let bytes = [UInt8](hexadecimal: sections[2].filter { $0 != " " })
            guard let bytes, bytes.count == 1, data.isEmpty else { throw fault(node, text) }
            expectedLength = bytes[0]
        }
        guard let template = CommandTemplate(header: header, data: data, expectedLength: expectedLength) else {
            throw fault(node, text)
        }
        return template
    }

    private static func parts(
        _ text: Substring, _ node: YAMLNode, _ name: CommandSet.Name
    ) throws(Faults) -> [CommandTemplate.Part] {
        var parts: [CommandTemplate.Part] = []
        for word in text.split(separator: " ") {
            if word.hasPrefix("{"), word.hasSuffix("}") {
                let field = CommandTemplate.Field(rawValue: String(word.dropFirst().dropLast()))
                guard let field, name.fields.contains(field) else { throw fault(node, String(word)) }
                parts.append(.field(field))
            } else if let bytes = [UInt8](hexadecimal: word) {
                parts.append(.bytes(bytes))
            } else {
                throw fault(node, String(word))
            }
        }
        return parts
    }

    private static func fault(_ node: YAMLNode, _ text: String) -> Faults {
        node.fault("layout.command-template", ["text": text])
    }
}

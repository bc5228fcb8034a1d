/// The JSON schema (draft 2020-12) of a card's content as ``CardContent`` writes it: directory, file, element.
///
/// It describes a card as it should be. Reading is forgiving: a value that cannot be understood is given as hexadecimal digits,
/// with a warning, and need not fit.
public struct ContentSchema: Hashable, Sendable, Encodable {
    private indirect enum Node: Hashable, Sendable, Encodable {
        case text(String)
        case number(Int)
        case texts([String])
        case no
        case object([String: Node])

        func encode(to encoder: any Encoder) throws {
            switch self {
            case .text(let text): try text.encode(to: encoder)
            case .number(let number): try number.encode(to: encoder)
            case .texts(let texts): try texts.encode(to: encoder)
            case .no: try false.encode(to: encoder)
            case .object(let members):
                var container = encoder.container(keyedBy: JSONName.self)
                for (name, member) in members { try container.encode(member, forKey: JSONName(name)) }
            }
        }
    }

    private let root: Node

    /// The schema of a layout; files that are not created have no place in it.
    public init(_ layout: CardLayout) {
        var directories: [String: Node] = [:]
        for directory in layout.directories where directory.isCreated {
            var files: [String: Node] = [:]
            for file in directory.files where file.isCreated { files[file.name] = Self.schema(of: file, layout) }
            directories[directory.name] = Self.object(directory.title, files)
        }
        guard case .object(var members) = Self.object(layout.title, directories) else {
            root = .no
            return
        }
        members["$schema"] = .text("https://json-schema.org/draft/2020-12/schema")
        if let english = layout.englishTitle { members["description"] = .text(english) }
        members["$comment"] = .text("\(layout.name), \(layout.specificationVersion)")
        root = .object(members)
    }

    /// Writes the schema.
    public func encode(to encoder: any Encoder) throws { try root.encode(to: encoder) }

    private static func schema(of file: ElementaryFile, _ layout: CardLayout) -> Node {
        if case .cyclic(let count, _) = file.structure { return array(file.title, rows: file.elements, most: count) }
        if case .transparent(let size) = file.structure, file.elements.isEmpty {
            return object(file.title, ["content": hexadecimal(file.title, size)])
        }
        var elements: [String: Node] = [:]
        for element in file.elements where element != file.nameExtension {
            elements[element.name] =
                element.name == PersonImageEncoder.versionElement
                ? string(element.title, ["enum": .texts(layout.acceptedVersions)]) : schema(of: element, in: file)
            guard let later = element.reinterpretation?.element else { continue }
            elements[later.name] = schema(of: later, in: file)
        }
        return object(file.title, elements)
    }

    private static func schema(of element: Element, in file: ElementaryFile) -> Node {
        switch element.coding {
        case .template(_, let inner): return array(element.title, rows: inner, most: element.repeats)
        case .text where element == file.personName:
            return text(element, most: element.length + (file.nameExtension?.length ?? 0))
        case .text, .packedDigits, .binary: return single(element)
        }
    }

    private static func single(_ element: Element) -> Node {
        switch element.coding {
        case .packedDigits:
            let most = element.length * 2
            let count = element.format == .date ? "\(most)" : "1,\(most)"
            return string(element.title, ["pattern": .text("^[0-9]{\(count)}$")])
        case .binary: return hexadecimal(element.title, element.length)
        case .text, .template: return text(element, most: element.length)
        }
    }

    /// No text has more characters than bytes.
    private static func text(_ element: Element, most: Int) -> Node {
        string(element.title, ["maxLength": .number(most)])
    }

    private static func hexadecimal(_ title: String, _ most: Int) -> Node {
        string(title, ["pattern": .text("^([0-9A-F]{2})*$"), "maxLength": .number(2 * most)])
    }

    private static func string(_ title: String, _ more: [String: Node]) -> Node {
        .object(more.merging(["type": .text("string"), "title": .text(title)]) { first, _ in first })
    }

    private static func array(_ title: String, rows: [Element], most: Int) -> Node {
        let row = Dictionary(rows.map { ($0.name, single($0)) }) { first, _ in first }
        return .object([
            "type": .text("array"), "title": .text(title), "maxItems": .number(most), "items": object(nil, row),
        ])
    }

    private static func object(_ title: String?, _ members: [String: Node]) -> Node {
        var node: [String: Node] = [
            "type": .text("object"), "properties": .object(members), "additionalProperties": .no,
        ]
        if let title { node["title"] = .text(title) }
        return .object(node)
    }
}

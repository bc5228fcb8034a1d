import ByteText
import CardCryptography
public import CardData

/// The manual page of a layout: every directory, file and element with its rules, and the bytes of an invented person's card.
public struct LayoutManual: Hashable, Sendable {
    /// The page, in Markdown.
    public let text: String

    /// The page of a compiled layout.
    ///
    /// Throws what reading the code tables and encoding the example throws.
    public init(_ card: CompiledCard, codes: CodeLookup) throws(Faults) {
        let layout = card.layout
        let example = try PersonImageEncoder(layout: layout).encode(
            try ExampleRecord(layout: layout, codes: codes).values)
        var lines = ["# \([layout.title, layout.englishTitle].compactMap(\.self).joined(separator: " · "))", ""]
        lines.append(
            "布局 Layout `\(layout.name)`，规范 specification \(layout.specificationVersion)，"
                + "配置 profile `\(card.profile.name)`，\(card.space) 字节 bytes。")
        lines.append("")
        lines.append("长度与字节为十六进制，示例为虚构人员。Lengths and bytes are hexadecimal; the person is invented.")
        for directory in card.directories {
            lines += ["", Self.heading(directory), ""]
            if let name = directory.directory?.dedicatedFileName {
                lines += ["选择 Select: `\(name.hexadecimal)`"]
            }
            for compiled in directory.files {
                guard let file = compiled.file else { continue }
                let content = example.file(directory.name, file.name)?.content
                lines += [""] + Self.section(file, compiled, content)
            }
        }
        text = lines.joined(separator: "\n")
    }

    private static func heading(_ directory: CompiledDirectory) -> String {
        "## \(directory.name) `\(directory.identifier.hexadecimal)` \(directory.directory?.title ?? "")"
    }

    private static func section(
        _ file: ElementaryFile, _ compiled: CompiledFile, _ content: CardImage.Content?
    ) -> [String] {
        var lines = [
            "### \(file.name) \(file.title)", "",
            "\(description(of: file.structure))；读 read `\(file.read)` (\(compiled.readByte.hexadecimal))，"
                + "写 write `\(file.write)` (\(compiled.writeByte.hexadecimal))" + line(of: compiled),
        ]
        guard !file.elements.isEmpty else { return lines }
        lines += [
            "",
            "| 标签 Tag | 数据项 Element | 名称 Title | 类型 Type | 长度 Length | 代码 Codes | 示例 Example |",
            "|---|---|---|---|---|---|---|",
        ]
        for element in file.elements {
            lines.append(row(element, indent: "", bytes(of: element, in: file, content)))
            lines += element.inner.map { row($0, indent: "› ", nil) }
            if let later = element.reinterpretation {
                lines.append(row(later.element, indent: "或 or ", nil))
            }
        }
        if case .cyclic = file.structure, case .records(let records) = content, let newest = records.last {
            lines += ["", "最新记录 Newest record: `\(newest.bytes.hexadecimal)`"]
        }
        return lines
    }

    /// The line protection of a file, where it has one.
    private static func line(of file: CompiledFile) -> String {
        guard let protection = file.protection else { return "" }
        let mode = protection.mode == .mac ? "校验码 MAC" : "加密并带校验码 enciphered with MAC"
        let commands = protection.isReadProtected ? "读写 reading and writing" : "写 writing"
        return "；线路保护 line protection: \(mode), `\(protection.keyName)`, \(commands)"
    }

    private static func row(_ element: Element, indent: String, _ example: [UInt8]?) -> String {
        let tag = element.tag.map { "`\($0.hexadecimal)`" } ?? ""
        let mandatory = element.mandatory ? " *" : ""
        let repeats = element.repeats > 1 ? " ×\(element.repeats)" : ""
        let length = String(element.length, radix: 16, uppercase: true)
        let bytes = example.map { "`\(short($0))`" } ?? ""
        let cells = [
            tag, "\(indent)`\(element.name)`\(mandatory)", element.title, type(of: element) + repeats,
            (length.count == 1 ? "0" : "") + length, element.codeTable ?? "", bytes,
        ]
        return "| " + cells.joined(separator: " | ") + " |"
    }

    /// The whole record of an element, or the beginning of a transparent file.
    private static func bytes(
        of element: Element, in file: ElementaryFile, _ content: CardImage.Content?
    ) -> [UInt8]? {
        switch content {
        case .records(let records): records.first { $0.element == element.name }?.bytes
        case .bytes(let bytes): bytes
        case nil: nil
        }
    }

    private static func short(_ bytes: [UInt8]) -> String {
        bytes.count <= 32 ? bytes.hexadecimal : "\(bytes.prefix(24).hexadecimal)… (\(bytes.count) bytes)"
    }

    private static func type(of element: Element) -> String {
        switch element.coding {
        case .text: "an"
        case .packedDigits: "cn"
        case .binary: "b"
        case .template: "B-TLV"
        }
    }

    private static func description(of structure: ElementaryFile.Structure) -> String {
        switch structure {
        case .variableRecord: "变长记录 variable records"
        case .fixedRecord(let count, let length): "定长记录 fixed records \(count) × \(length) bytes"
        case .cyclic(let count, let length): "循环记录 cyclic records \(count) × \(length) bytes"
        case .transparent(let size): "透明 transparent \(size) bytes"
        }
    }
}

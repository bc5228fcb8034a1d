import CardData
import Foundation

/// Reads a file that may extend another of its folder: `extends: national-2.0` stands for `national-2.0.yaml` beside it.
///
/// Mappings are merged key by key, what the extending file says wins, everything else is replaced as a whole. Each node keeps the
/// place where it was last written, so faults point at the file that has to be changed.
enum ExtendingFile {
    /// Throws what reading throws, `layout.extends-name`, `layout.extends-cycle` and `layout.name-differs`.
    static func read(_ path: String) throws(Faults) -> YAMLNode {
        try read(path, above: [])
    }

    private static func read(_ path: String, above: [String]) throws(Faults) -> YAMLNode {
        let node = try DataFile.read(path)
        let url = URL(filePath: path)
        let stem = url.deletingPathExtension().lastPathComponent
        let name = try node.required("name")
        guard try name.string == stem else {
            throw name.fault("layout.name-differs", ["name": try name.string, "file": stem])
        }
        guard let extends = node["extends"] else { return node }
        let base = try extends.string
        guard isPlain(base) else { throw extends.fault("layout.extends-name", ["name": base]) }
        guard base != stem, !above.contains(base) else {
            throw extends.fault("layout.extends-cycle", ["name": base])
        }
        return merge(try read(Self.path(of: base, beside: path), above: above + [stem]), with: node)
    }

    /// The file of that name in the folder of another file.
    static func path(of name: String, beside path: String) -> String {
        URL(filePath: path).deletingLastPathComponent().appending(path: name + ".yaml").path(percentEncoded: false)
    }

    static func merge(_ base: YAMLNode, with over: YAMLNode) -> YAMLNode {
        guard case .mapping(var entries) = base.content, case .mapping(let changes) = over.content else { return over }
        for change in changes {
            if let index = entries.firstIndex(where: { $0.key == change.key }) {
                let value = merge(entries[index].value, with: change.value)
                entries[index] = YAMLNode.Entry(key: change.key, place: change.place, value: value)
            } else {
                entries.append(change)
            }
        }
        return YAMLNode(content: .mapping(entries), place: over.place)
    }

    /// A name must not lead out of the folder.
    private static func isPlain(_ name: String) -> Bool {
        !name.hasPrefix(".")
            && name.utf8.allSatisfy { character in
                switch character {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."): true
                default: false
                }
            }
    }
}

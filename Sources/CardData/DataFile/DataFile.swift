import Foundation
import Yams

/// Reads the YAML files of the house: layouts, profiles, key hierarchies, policies.
public enum DataFile {
    /// The largest file that is read, in bytes.
    public static let sizeLimit = 4 * 1024 * 1024
    /// How deep lists and mappings may stand in each other.
    static let depthLimit = 64

    /// Reads a file with one YAML document.
    ///
    /// Throws `data-file.not-readable`, `data-file.too-large`, `data-file.not-utf8`, and what `parse` throws.
    public static func read(_ path: String) throws(Faults) -> YAMLNode {
        let bytes = try bytes(of: path)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Faults("data-file.not-utf8", ["path": path])
        }
        return try parse(text, file: path)
    }

    /// A file's bytes, for what is checked before it is read; throws `data-file.not-readable` and `data-file.too-large`.
    public static func bytes(of path: String) throws(Faults) -> [UInt8] {
        let bytes: Data
        do {
            let handle = try FileHandle(forReadingFrom: URL(filePath: path))
            defer { try? handle.close() }
            bytes = try handle.read(upToCount: sizeLimit + 1) ?? Data()
        } catch {
            throw Faults("data-file.not-readable", ["path": path])
        }
        guard bytes.count <= sizeLimit else {
            throw Faults("data-file.too-large", ["path": path, "limit": String(sizeLimit)])
        }
        return Array(bytes)
    }

    /// Reads one YAML document from text; `file` is the name that places carry.
    ///
    /// Throws `data-file.syntax`, `data-file.duplicate-key`, `data-file.too-deep`, `data-file.anchor` and `data-file.empty`.
    public static func parse(_ text: String, file: String) throws(Faults) -> YAMLNode {
        if let line = firstLineTooDeep(in: text) {
            throw Faults(
                "data-file.too-deep", ["limit": String(depthLimit)], at: SourcePlace(file: file, line: line))
        }
        let parser: Parser
        let root: Node?
        do {
            parser = try Parser(yaml: text, resolver: .basic)
            root = try parser.singleRoot()
        } catch {
            throw YAMLSyntax.faults(of: error, file: file)
        }
        // Nodes hold their anchors weakly: without the parser none would be seen.
        defer { withExtendedLifetime(parser) {} }
        guard let root else { throw Faults("data-file.empty", at: SourcePlace(file: file, line: 1)) }
        return try YAMLNode(root, file: file)
    }

    /// The parser recurses, so a file of nothing but brackets or dashes is turned away before it.
    private static func firstLineTooDeep(in text: String) -> Int? {
        var brackets = 0
        var indentation: Int? = 0
        var line = 1
        for character in text.utf8 {
            switch character {
            case UInt8(ascii: "\n"):
                line += 1
                indentation = 0
            case UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "?"), UInt8(ascii: ":"):
                indentation = indentation.map { $0 + 1 }
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                brackets += 1
                indentation = nil
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                brackets = max(0, brackets - 1)
                indentation = nil
            default:
                indentation = nil
            }
            if brackets > depthLimit || (indentation ?? 0) > 4 * depthLimit { return line }
        }
        return nil
    }
}

extension YAMLNode {
    fileprivate init(_ node: Node, file: String) throws(Faults) {
        let mark = node.mark
        place = SourcePlace(file: file, line: mark?.line ?? 1, column: mark?.column ?? 1)
        // An alias repeats a whole tree for a few bytes; none of our files needs one.
        guard node.anchor == nil else { throw Faults("data-file.anchor", at: place) }
        switch node {
        case .scalar(let scalar): content = .text(scalar.string)
        case .sequence(let sequence):
            var members: [YAMLNode] = []
            members.reserveCapacity(sequence.count)
            for member in sequence { members.append(try YAMLNode(member, file: file)) }
            content = .list(members)
        case .mapping(let mapping):
            var entries: [Entry] = []
            entries.reserveCapacity(mapping.count)
            for (key, value) in mapping {
                let name = try YAMLNode(key, file: file)
                entries.append(
                    Entry(key: try name.string, place: name.place, value: try YAMLNode(value, file: file)))
            }
            content = .mapping(entries)
        case .alias: throw Faults("data-file.anchor", at: place)
        }
    }
}

import ByteText
public import CardData
import Foundation

/// Photos and fingerprints that a file of people names instead of holding them.
///
/// The value of a transparent file is hexadecimal digits, or the path of a file beside the file of people; a path is told by its
/// full stop or slash. Paths never lead out of the folder, so a file of people cannot send for what it does not bring along.
public struct AttachedFiles: Sendable {
    private let folder: String
    private let sizes: [String: Int]

    /// The files beside `path`, a file of people for a layout.
    public init(beside path: String, layout: CardLayout) {
        folder = URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false)
        let index = ElementIndex(layout)
        var sizes: [String: Int] = [:]
        for name in index.names {
            guard case .element(_, let file, let element)? = try? index.target(name).target,
                case .transparent(let size) = file.structure, element.coding == .binary
            else { continue }
            sizes[name] = size
            sizes[index.shortest(name)] = size
        }
        self.sizes = sizes
    }

    /// The same rows with the content of the files in the place of their paths, as hexadecimal digits.
    ///
    /// Throws all of `attachment.path`, `attachment.unreadable`, `attachment.empty` and `attachment.too-large` at the places of their rows, with
    /// their columns.
    public func read(_ rows: [PersonRecord]) throws(Faults) -> [PersonRecord] {
        var faults = FaultCollector()
        var rows = rows
        for (index, row) in rows.enumerated() {
            for (name, text) in row.values.sorted(by: { $0.key < $1.key }) {
                guard let size = sizes[name], text.contains(where: { $0 == "." || $0 == "/" }) else { continue }
                rows[index].values[name] = faults.attempt(at: row.place(of: name)) { () throws(Faults) in
                    try read(text, for: name, size: size).hexadecimal
                }
            }
        }
        try faults.check()
        return rows
    }

    /// Files that somebody takes for a photo are measured up to here; what is larger is no less too large.
    private static let measured = 64 << 20

    private func read(_ path: String, for name: String, size: Int) throws(Faults) -> [UInt8] {
        // By bytes, as the system reads it: a sign that joins a stroke would hide it here.
        let steps = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map(Array.init)
        guard !path.utf8.contains(0), steps.allSatisfy({ ![[], [0x2E], [0x2E, 0x2E]].contains($0) }) else {
            throw Faults("attachment.path", ["element": name, "column": name])
        }
        let bytes: [UInt8]
        do {
            let handle = try FileHandle(forReadingFrom: URL(filePath: folder).appending(path: path))
            defer { try? handle.close() }
            bytes = Array(try handle.read(upToCount: Self.measured) ?? Data())
        } catch {
            throw Faults("attachment.unreadable", ["element": name, "path": path, "column": name])
        }
        guard bytes.count <= size else {
            throw Faults(
                "attachment.too-large",
                [
                    "element": name, "path": path, "length": String(bytes.count), "most": String(size), "column": name,
                ])
        }
        guard !bytes.isEmpty else {
            throw Faults("attachment.empty", ["element": name, "path": path, "column": name])
        }
        return bytes
    }
}

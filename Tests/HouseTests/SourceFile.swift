import Foundation

/// One text file of the package.
struct SourceFile {
    /// From the package's folder on.
    let path: String
    let text: String

    /// All text files with one of the extensions below a folder; hidden and built ones are left out.
    static func all(in folder: URL, extensions: Set<String>) throws -> [SourceFile] {
        let manager = FileManager.default
        guard let found = manager.enumerator(at: folder, includingPropertiesForKeys: [.isRegularFileKey]) else {
            return []
        }
        var files: [SourceFile] = []
        for case let place as URL in found {
            if place.lastPathComponent.hasPrefix(".") || place.path == packageFolder.appending(path: "data").path {
                found.skipDescendants()
                continue
            }
            guard try place.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true,
                extensions.contains(place.pathExtension),
                let text = try? String(contentsOf: place, encoding: .utf8)
            else { continue }
            files.append(SourceFile(path: String(place.path.dropFirst(packageFolder.path.count + 1)), text: text))
        }
        return files
    }

    /// The modules it imports.
    var imports: [String] {
        text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard let index = words.firstIndex(of: "import"),
                words[..<index].allSatisfy({ $0.hasPrefix("@") || Self.accessLevels.contains($0) })
            else { return nil }
            let rest = words[(index + 1)...].drop { Self.kinds.contains($0) }
            return rest.first.map { String($0.prefix { $0 != "." }) }
        }
    }

    private static let accessLevels: Set<Substring> = ["public", "package", "internal", "fileprivate", "private"]
    private static let kinds: Set<Substring> = [
        "struct", "class", "enum", "protocol", "typealias", "func", "var", "let",
    ]
}

import CardApplication
import CardData
import CardLayout

/// What a migrated card shall hold: its own values that the new layout knows, and the given ones over them.
///
/// Where a tag has two meanings (file structure V2.0, appendix C), the one that is given takes the place of the other; the tags that follow
/// it change with it, and without a value of their own they are blanked, since their old bytes would be misread.
struct MigrationValues {
    /// Values by the new layout's full names.
    private(set) var merged: [String: String]
    /// Elements, by full name, whose record is blanked: true for the later meaning.
    private(set) var blanked: [String: Bool] = [:]
    /// The full names of values that are the card's own.
    private var own: Set<String> = []

    /// Whether what would be written of an element is the card's own value, or made of it.
    ///
    /// - Parameters:
    ///   - path: the file, as in `DF03.EF05`.
    ///   - element: of the new layout; the extension of a name goes with the name.
    func isCopied(_ element: Element, of file: ElementaryFile, at path: String) -> Bool {
        let names = [element.name, element.reinterpretation?.element.name].compactMap { $0 }
        let whole = file.elements.filter { $0.name + "Extension" == element.name }.map(\.name)
        return (names + whole).contains { own.contains("\(path).\($0)") && merged["\(path).\($0)"] != nil }
    }

    /// Rows of cyclic files stay on the card and are in neither; the version is the new layout's own.
    init(_ dump: CardDump, from old: CardLayout, to new: CardLayout, given: [String: String]) {
        let full = Set(new.elementNames)
        merged = dump.content(by: old).values.filter {
            full.contains($0.key) && !$0.key.hasSuffix(".specificationVersion")
        }
        own = Set(merged.keys)
        let given = given.filter { !$0.value.isEmpty }
        func isGiven(_ full: String) -> Bool { given.keys.contains { $0.names(full) } }
        for (name, value) in given {
            // A value by its short name takes the place of the card's, which has its full one.
            merged.keys.filter { name.names($0) }.forEach {
                merged[$0] = nil
                own.remove($0)
            }
            merged[name] = value
        }
        for (path, file) in new.pathsOfFiles {
            for element in file.elements {
                guard let later = element.reinterpretation?.element else { continue }
                let isLater = isGiven("\(path).\(later.name)")
                guard isLater || isGiven("\(path).\(element.name)") else { continue }
                merged["\(path).\(isLater ? element.name : later.name)"] = nil
                for follower in file.elements where follower.reinterpretation?.companion == element.tag {
                    guard let other = follower.reinterpretation?.element else { continue }
                    let (kept, dropped) = isLater ? (other.name, follower.name) : (follower.name, other.name)
                    if !isGiven("\(path).\(dropped)") { merged["\(path).\(dropped)"] = nil }
                    if merged["\(path).\(kept)"] == nil, !isGiven("\(path).\(kept)"), !isGiven("\(path).\(dropped)") {
                        blanked["\(path).\(follower.name)"] = isLater
                    }
                }
            }
        }
    }
}

extension CardLayout {
    /// The created files that are no rings, with their paths.
    fileprivate var pathsOfFiles: [(path: String, file: ElementaryFile)] {
        directories.flatMap { directory in
            directory.files.filter(\.isCreated).compactMap { file in
                if case .cyclic = file.structure { return nil }
                return ("\(directory.name).\(file.name)", file)
            }
        }
    }

    /// The full names of all elements in both their meanings, as ``CardContent/values`` has them.
    fileprivate var elementNames: [String] {
        pathsOfFiles.flatMap { path, file in
            file.elements.flatMap { [$0.name] + ($0.reinterpretation.map { [$0.element.name] } ?? []) }
                .map { "\(path).\($0)" }
        }
    }
}

extension String {
    /// Whether the name, short or full, may stand for the value of that full name.
    fileprivate func names(_ full: String) -> Bool { self == full || full.hasSuffix("." + self) }
}

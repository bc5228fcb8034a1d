/// A place that regions are known to use for files or applications of their own (file structure V2.0 §6): it is looked for on every card, and told where the
/// layout does not have it.
public struct RegionalPlace: Hashable, Sendable {
    /// The directory that the file lies in, or the regional directory itself.
    public let directory: String
    /// The file's name; nil where the place is a directory.
    public let file: String?
    /// What SELECT names it by.
    public let identifier: UInt16

    /// A place from its parts.
    public init(directory: String, file: String? = nil, identifier: UInt16) {
        self.directory = directory
        self.file = file
        self.identifier = identifier
    }

    /// A place as ``path`` writes it, `SSSE/EF0C` or `DF0A`; nil for anything else.
    public init?(path: String) {
        let names = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard (1...2).contains(names.count), let last = names.last, last.utf8.count == 4,
            let identifier = UInt16(last, radix: 16)
        else { return nil }
        self.init(directory: names[0], file: names.count == 2 ? last : nil, identifier: identifier)
    }

    /// The place in one word.
    public var path: String { directory + (file.map { "/" + $0 } ?? "") }
}

extension CardLayout {
    /// The places of regions that are not the layout's own.
    public var foreignPlaces: [RegionalPlace] {
        regionalPlaces.filter { place in
            guard let own = directory(place.directory) else { return place.file == nil }
            return place.file.map { own.file($0) == nil } ?? false
        }
    }
}

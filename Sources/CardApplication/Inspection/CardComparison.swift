import ByteText
public import CardLayout

/// Where two cards, dumps or records differ, by directory, file and element.
public struct CardComparison: Hashable, Sendable {
    /// How two sides differ at a place.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Only the first side has it.
        case onlyFirst = "only-first"
        /// Only the second side has it.
        case onlySecond = "only-second"
        /// Both have it, and not the same.
        case differs
        /// A card says that what it has there may be corrupted.
        case damaged
    }

    /// What the comparison comes to.
    public enum Verdict: String, Hashable, Sendable, CaseIterable {
        /// Nothing that was compared differs, and whose card it is was compared.
        case same
        /// Something differs.
        case differs
        /// Nothing that was compared differs, but whose card it is was not compared, or both sides have places of a region that the layout does not have and
        /// nobody read: nobody can say that the sides are the same.
        case unknown
    }

    /// One difference.
    public struct Difference: Hashable, Sendable {
        /// How the sides differ.
        public let kind: Kind
        /// The directory's name.
        public let directory: String
        /// The file's name; nil when a whole directory is missing.
        public let file: String?
        /// The element's name, the number of a row or record; nil when a whole file is missing.
        public let element: String?
        /// What the place is called, in Chinese.
        public let title: String
        /// The first side's value as text or hexadecimal digits.
        public let first: String?
        /// The second side's.
        public let second: String?
    }

    /// A file or element of which one side is not known.
    public struct Uncompared: Hashable, Sendable {
        /// The directory's name.
        public let directory: String
        /// The file's name; nil for a whole directory.
        public let file: String?
        /// The element's name, or the number of a record or row; nil for the whole file.
        public let element: String?
        /// What it is called, in Chinese.
        public let title: String
    }

    /// All differences in the order of the layout.
    public private(set) var differences: [Difference] = []
    /// What could not be compared, because one side was not open or not told.
    public private(set) var uncompared: [Uncompared] = []
    /// Whether both sides have a place that the layout does not have: what is in it was not compared.
    public private(set) var bothHaveForeignPlaces = false
    /// How many files were compared.
    public private(set) var comparedFileCount = 0

    /// The elements that say whose card it is, where both sides have a value.
    private var comparedIdentity: Set<String> = []
    private let identity: Set<String>
    /// Elements that tell whose card it is (card.md §1.2), in layouts that have them.
    private static let identityNames: Set<String> = ["citizenNumber", "name"]

    /// True when nothing that could be compared differs; ``verdict`` says whether that was enough.
    public var isSame: Bool { differences.isEmpty }

    /// What the comparison comes to.
    public var verdict: Verdict {
        guard differences.isEmpty else { return .differs }
        guard !bothHaveForeignPlaces else { return .unknown }
        return comparedFileCount > 0 && comparedIdentity == identity ? .same : .unknown
    }

    /// Compares two sides by a layout.
    ///
    /// - Parameters:
    ///   - untold: elements of which the second side knows nothing of its own: they are listed as not compared.
    ///   - asBytes: compares records and bytes where both sides have them, and values where one has only those.
    public init(
        _ first: CardInventory, _ second: CardInventory, layout: CardLayout, untold: Set<String> = [],
        asBytes: Bool = false
    ) {
        let elements = layout.directories.flatMap(\.files).flatMap(\.elements).map(\.name)
        identity = Self.identityNames.intersection(elements)
        self.untold = untold
        compareSystemFiles(first, second)
        compareForeignPlaces(first.foreignPlaces, second.foreignPlaces)
        for directory in layout.directories where directory.isCreated {
            if let kind = Self.kind(first.holds(directory.name), second.holds(directory.name)) {
                differences.append(
                    Difference(
                        kind: kind, directory: directory.name, file: nil, element: nil, title: directory.title,
                        first: nil, second: nil))
                continue
            }
            for file in directory.files where file.isCreated {
                compare(
                    first[directory.name, file.name], second[directory.name, file.name], file, in: directory.name,
                    asBytes)
            }
        }
    }

    private let untold: Set<String>

    /// The files that the card operating system itself works with have no elements: their records and bytes are compared.
    private mutating func compareSystemFiles(_ first: CardInventory, _ second: CardInventory) {
        for directory in Set(first.systemFiles.keys).union(second.systemFiles.keys).sorted() {
            for role in SystemFile.Role.allCases {
                let sides = [first, second].map { $0.systemFiles[directory]?[role.rawValue] }
                guard sides.contains(where: { $0 != nil }) else { continue }
                compare(
                    sides[0] ?? .unknown, sides[1] ?? .unknown, SystemFile.description(of: role), in: directory, true)
            }
        }
    }

    /// Places of regions that the layout does not have: only that they are there is known.
    private mutating func compareForeignPlaces(_ first: [RegionalPlace], _ second: [RegionalPlace]) {
        for place in (first + second).uniqued() {
            if let kind = Self.kind(first.contains(place), second.contains(place)) {
                differences.append(
                    Difference(
                        kind: kind, directory: place.directory, file: place.file, element: nil,
                        title: RegionalPlace.foreignTitle, first: nil, second: nil))
            } else {
                bothHaveForeignPlaces = true
                uncompared.append(
                    Uncompared(
                        directory: place.directory, file: place.file, element: nil, title: RegionalPlace.foreignTitle))
            }
        }
    }

    private static func kind(_ first: Bool?, _ second: Bool?) -> Kind? {
        guard let first, let second, first != second else { return nil }
        return first ? .onlyFirst : .onlySecond
    }

    private mutating func compare(
        _ first: CardInventory.Entry, _ second: CardInventory.Entry, _ file: ElementaryFile, in directory: String,
        _ asBytes: Bool
    ) {
        switch (first, second) {
        case (.held(let first), .held(let second)):
            comparedFileCount += 1
            let closed = first.closed.union(second.closed).union(untold)
            comparedIdentity.formUnion(
                identity.filter { !closed.contains($0) && first.values[$0] != nil && second.values[$0] != nil })
            for name in (first.damaged + second.damaged).uniqued() {
                differences.append(
                    Difference(
                        kind: .damaged, directory: directory, file: file.name, element: name,
                        title: file.element(name)?.title ?? file.title, first: first.values[name],
                        second: second.values[name]))
            }
            for element in file.elements where closed.contains(element.name) {
                uncompared.append(
                    Uncompared(directory: directory, file: file.name, element: element.name, title: element.title))
            }
            var shutNumbers = first.closed.union(second.closed).filter { Int($0) != nil }
            if asBytes, let records = Self.bytes(first.raw, file), let others = Self.bytes(second.raw, file) {
                let isRing = file.structure.kind == .cyclic
                let names = isRing ? [] : file.elements.flatMap { Array(repeating: $0.name, count: $0.repeats) }
                let untoldNumbers = names.indices.filter { untold.contains(names[$0]) }.map { String($0 + 1) }
                let empty = Set((Array(records) + Array(others)).filter(\.value.isEmpty).map(\.key))
                let shut = empty.union(untoldNumbers)
                // those without an element that is told already
                shutNumbers.formUnion(
                    empty.filter { number in
                        Int(number).map { !names.indices.contains($0 - 1) || !closed.contains(names[$0 - 1]) } ?? false
                    })
                tellUncompared(shutNumbers, of: file, in: directory)
                compare(
                    records.filter { !shut.contains($0.key) }, others.filter { !shut.contains($0.key) }, file,
                    in: directory)
            } else {
                tellUncompared(shutNumbers, of: file, in: directory)
                compare(
                    first.values.filter { !closed.contains($0.key) }, second.values.filter { !closed.contains($0.key) },
                    file, in: directory)
            }
        case (.held, .absent), (.absent, .held):
            comparedFileCount += 1
            differences.append(
                Difference(
                    kind: second == .absent ? .onlyFirst : .onlySecond, directory: directory, file: file.name,
                    element: nil, title: file.title, first: nil, second: nil))
        case (.absent, .absent): comparedFileCount += 1
        case (.unknown, _), (_, .unknown):
            uncompared.append(Uncompared(directory: directory, file: file.name, element: nil, title: file.title))
        }
    }

    /// Records and rows of which one side was not open, by their numbers.
    private mutating func tellUncompared(_ numbers: Set<String>, of file: ElementaryFile, in directory: String) {
        uncompared += numbers.sorted { ($0.count, $0) < ($1.count, $1) }.map {
            Uncompared(directory: directory, file: file.name, element: $0, title: file.title)
        }
    }

    private mutating func compare(
        _ first: [String: String], _ second: [String: String], _ file: ElementaryFile, in directory: String
    ) {
        let known = file.elements.map(\.name)
        let others = Set(first.keys).union(second.keys).subtracting(known)
            .sorted { ($0.count, $0) < ($1.count, $1) }
        for name in known + others where first[name] != second[name] {
            let kind: Kind = first[name] == nil ? .onlySecond : second[name] == nil ? .onlyFirst : .differs
            // An element without a title of its own is a row, or the content of the whole file.
            differences.append(
                Difference(
                    kind: kind, directory: directory, file: file.name, element: name,
                    title: file.element(name)?.title ?? file.title, first: first[name], second: second[name]))
        }
    }

    /// Records by number with the element's name, or the whole content of a transparent file.
    private static func bytes(_ raw: CardContent.RawFile?, _ file: ElementaryFile) -> [String: String]? {
        switch raw {
        case .records(let records):
            Dictionary(uniqueKeysWithValues: records.enumerated().map { (String($0 + 1), $1.hexadecimal) })
        case .bytes(let bytes): ["content": bytes.hexadecimal]
        case nil: nil
        }
    }
}

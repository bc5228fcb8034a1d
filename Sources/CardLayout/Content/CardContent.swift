import ByteText
public import CardData

/// What stands on a card, by directory, file and element of its layout.
public struct CardContent: Hashable, Sendable {
    /// A file as it was read from the card.
    public enum RawFile: Hashable, Sendable {
        /// Whole records, tag and length included where the file has them: record 1 first.
        case records([[UInt8]])
        /// The bytes of a transparent file.
        case bytes([UInt8])
    }

    /// The value of one element.
    public struct Value: Hashable, Sendable {
        /// The element's name.
        public let name: String
        /// What it is called, in Chinese.
        public let title: String
        /// The value.
        public let value: ElementValue
    }

    /// What a file holds.
    public enum FileContent: Hashable, Sendable {
        /// The elements that have a value.
        case elements([Value])
        /// The rows of a cyclic file, the newest first.
        case rows([[String: String]])
        /// The bytes of a transparent file to which the layout gives no element.
        case bytes([UInt8])
    }

    /// One file.
    public struct File: Hashable, Sendable {
        /// The file's name.
        public let name: String
        /// What it is called, in Chinese.
        public let title: String
        /// What it holds.
        public let content: FileContent
    }

    /// One directory.
    public struct Directory: Hashable, Sendable {
        /// The directory's name.
        public let name: String
        /// What it is called, in Chinese.
        public let title: String
        /// The files that were read, in the order of the layout.
        public let files: [File]
    }

    /// The directories that were read, in the order of the layout.
    public let directories: [Directory]
    /// What the card itself warned of, by directory and file: names of elements, `content` of a transparent file, numbers of records where
    /// there are no elements.
    public let damaged: [String: [String: [String]]]
    /// Places of regions that the card has and the layout does not; nothing was read there.
    public let foreignPlaces: [RegionalPlace]
    /// What is not as the layout and the standards have it; none of it keeps the rest from being read.
    public let warnings: [Fault]

    /// The value of an element; nil when the card holds none.
    public subscript(directory: String, file: String, element: String) -> ElementValue? {
        guard case .elements(let values) = self.file(directory, file)?.content else { return nil }
        return values.first { $0.name == element }?.value
    }

    /// A file that was read.
    public func file(_ directory: String, _ name: String) -> File? {
        directories.first { $0.name == directory }?.files.first { $0.name == name }
    }

    /// All values by full name, as ``PersonImageEncoder`` takes them.
    public var values: [String: String] {
        var values: [String: String] = [:]
        for directory in directories {
            for file in directory.files {
                let path = "\(directory.name).\(file.name)"
                switch file.content {
                case .elements(let elements):
                    for element in elements { values["\(path).\(element.name)"] = element.value.text }
                case .rows(let rows): values[path] = TemplateText.write(rows)
                case .bytes: break
                }
            }
        }
        return values
    }
}

extension CardContent {
    /// Reads what was taken from a card, directory by directory and file by file; what is not there is passed over.
    ///
    /// Reading is forgiving: a record that is too long is cut, one too short is taken as far as it goes, and what cannot be understood is
    /// given as bytes; each such case is a warning.
    ///
    /// - Parameters:
    ///   - others: warnings of whoever read the card, told before its own.
    ///   - damaged: what the card warned of.
    ///   - foreignPlaces: those of regions that the card has and the layout does not.
    public init(
        _ raw: [String: [String: RawFile]], layout: CardLayout, also others: [Fault] = [],
        damaged: [String: [String: [String]]] = [:], foreignPlaces: [RegionalPlace] = []
    ) {
        self.foreignPlaces = foreignPlaces
        var warnings = FaultCollector()
        others.forEach { warnings.add($0) }
        var directories: [Directory] = []
        for directory in layout.directories {
            guard let given = raw[directory.name] else { continue }
            var files: [File] = []
            for file in directory.files {
                guard let bytes = given[file.name] else { continue }
                var reader = FileContentReader(path: "\(directory.name).\(file.name)", file: file)
                let content = reader.read(bytes)
                reader.warnings.forEach { warnings.add($0) }
                if let content { files.append(File(name: file.name, title: file.title, content: content)) }
            }
            directories.append(Directory(name: directory.name, title: directory.title, files: files))
        }
        self.directories = directories
        self.damaged = damaged
        self.warnings = warnings.faults
    }
}

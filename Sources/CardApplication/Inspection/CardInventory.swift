import ByteText
public import CardLayout

/// What one side of a comparison holds, by directory, file and element: a card, a dump of one, or what a record asks for.
public struct CardInventory: Hashable, Sendable {
    /// One file.
    public struct File: Hashable, Sendable {
        /// Values by element name.
        ///
        /// They are as ``ElementValue/text`` writes them; rows of a cyclic file stand by their number from 1, bytes without elements under
        /// `content`. Blank elements have no value.
        public let values: [String: String]
        /// Elements whose records were not open; numbers of rows.
        public let closed: Set<String>
        /// The records or bytes; nil where only the values are known.
        public let raw: CardContent.RawFile?
        /// Elements of which the card said that they may be corrupted; numbers of records, or `content`, where there are no elements.
        public let damaged: [String]

        init(
            values: [String: String], raw: CardContent.RawFile?, closed: Set<String> = [], damaged: [String] = []
        ) {
            self.damaged = damaged
            self.values = values
            self.raw = raw
            self.closed = closed
        }
    }

    /// What is known of a file.
    public enum Entry: Hashable, Sendable {
        /// It holds this.
        case held(File)
        /// It is not there.
        case absent
        /// It may be there: it was not open, or nobody asked.
        case unknown
    }

    private var entries: [String: [String: Entry]] = [:]
    /// What is known of the files that the card operating system itself works with (``SystemFile``), by directory and name.
    private(set) var systemFiles: [String: [String: Entry]] = [:]
    /// Places of regions that are there and the layout does not have.
    private(set) var foreignPlaces: [RegionalPlace] = []

    /// What is known of a file; a file that is not mentioned is unknown.
    public subscript(directory: String, file: String) -> Entry { entries[directory]?[file] ?? .unknown }

    /// Whether any file of a directory is there; nil when nothing is known of it.
    public func holds(_ directory: String) -> Bool? {
        guard let files = entries[directory]?.values else { return nil }
        if files.contains(where: { if case .held = $0 { true } else { false } }) { return true }
        return files.contains(.unknown) ? nil : false
    }

    /// What a card holds by its dump.
    ///
    /// - Parameter isWhole: whether all directories were asked for, so that one without readings is not there.
    public init(_ dump: CardDump, by layout: CardLayout, isWhole: Bool = true) {
        let content = dump.content(by: layout)
        foreignPlaces = dump.foreignPlaces
        for reading in dump.readings where SystemFile.Role(rawValue: reading.file) != nil {
            systemFiles[reading.directory, default: [:]][reading.file] = Self.entry(reading.outcome)
        }
        let doubtful = dump.damagedNames(by: layout)
        for directory in layout.directories where directory.isCreated {
            let isThere = dump.readings.contains { $0.directory == directory.name }
            for file in directory.files where file.isCreated {
                let damaged = doubtful[directory.name]?[file.name] ?? []
                let entry: Entry =
                    switch dump[directory.name, file.name] {
                    case .records(let records):
                        .held(
                            File(
                                values: content.texts(directory.name, file.name), raw: .records(records),
                                closed: file.closedElements(.records(records)), damaged: damaged))
                    case .bytes(let bytes):
                        .held(
                            File(
                                values: content.texts(directory.name, file.name), raw: .bytes(bytes), damaged: damaged))
                    case .neverWritten: .held(File(values: [:], raw: nil))
                    case .absent: .absent
                    case .notOpen, .protected, .refused: .unknown
                    case nil: isThere || !isWhole ? .unknown : .absent
                    }
                entries[directory.name, default: [:]][file.name] = entry
            }
        }
    }

    /// What is known of a file without elements.
    private static func entry(_ outcome: FileReading.Outcome) -> Entry {
        switch outcome {
        case .records(let records): .held(File(values: [:], raw: .records(records)))
        case .bytes(let bytes): .held(File(values: [:], raw: .bytes(bytes)))
        case .neverWritten: .held(File(values: [:], raw: nil))
        case .absent: .absent
        case .notOpen, .protected, .refused: .unknown
        }
    }

    /// What a card holds once it is made: the image's content, and the files that its card operating system works with.
    public init(_ image: CardImage, of card: CompiledCard) {
        self.init(image, of: card.layout)
        for (directory, file) in card.systemFiles {
            systemFiles[directory.name, default: [:]][file.name] =
                file.content.map { .held(File(values: [:], raw: $0)) } ?? .unknown
        }
    }

    /// What a card of this layout holds once the image is written to it: every file, blank where the image has nothing.
    public init(_ image: CardImage, of layout: CardLayout) {
        let blank = CardImage.blank(of: layout)
        var raw: [String: [String: CardContent.RawFile]] = [:]
        for directory in layout.directories where directory.isCreated {
            for file in directory.files where file.isCreated {
                raw[directory.name, default: [:]][file.name] = Self.raw(directory.name, file, blank, image)
            }
        }
        let content = CardContent(raw, layout: layout)
        for directory in layout.directories where directory.isCreated {
            for file in directory.files where file.isCreated {
                entries[directory.name, default: [:]][file.name] = .held(
                    File(values: content.texts(directory.name, file.name), raw: raw[directory.name]?[file.name]))
            }
        }
    }

    init(
        _ values: [String: [String: [String: String]]], damaged: [String: [String: [String]]] = [:],
        foreignPlaces: [RegionalPlace] = []
    ) {
        self.foreignPlaces = foreignPlaces
        for (directory, files) in values {
            for (file, texts) in files {
                entries[directory, default: [:]][file] = .held(
                    File(values: texts, raw: nil, damaged: damaged[directory]?[file] ?? []))
            }
        }
    }

    private static func raw(
        _ directory: String, _ file: ElementaryFile, _ blank: CardImage, _ image: CardImage
    ) -> CardContent.RawFile? {
        if case .bytes(let bytes) = image.file(directory, file.name)?.content { return .bytes(bytes) }
        let written = image.records(directory, file.name)
        let numbers = Set(written.map(\.number))
        let records = blank.records(directory, file.name).filter { !numbers.contains($0.number) } + written
        if case .transparent = file.structure { return nil }
        return .records(records.sorted { $0.number < $1.number }.map(\.bytes))
    }
}

extension CardContent {
    /// The values of a file by element name, in the form of ``CardInventory``.
    func texts(_ directory: String, _ name: String) -> [String: String] {
        switch file(directory, name)?.content {
        case .elements(let values): Dictionary(values.map { ($0.name, $0.value.text) }) { first, _ in first }
        case .rows(let rows):
            Dictionary(uniqueKeysWithValues: rows.enumerated().map { (String($0 + 1), TemplateText.write([$1])) })
        case .bytes(let bytes): bytes.contains { $0 != 0x00 && $0 != 0xFF } ? ["content": bytes.hexadecimal] : [:]
        case nil: [:]
        }
    }
}

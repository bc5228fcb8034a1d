public import CardData

/// What shall stand on a card: for each file the records or bytes to write.
public struct CardImage: Hashable, Sendable {
    /// One record to write.
    public struct Record: Hashable, Sendable {
        /// The record's number in its file, from 1; in cyclic files 1 is the newest once all are appended.
        public let number: Int
        /// The tag; nil in cyclic files, whose records have none.
        public let tag: UInt8?
        /// The element's name; the file's for a whole row.
        public let element: String
        /// The whole record, tag and length included where the file has them.
        public let bytes: [UInt8]
        /// Where the element stands in the layout file.
        public let place: SourcePlace
    }

    /// What goes into one file.
    public enum Content: Hashable, Sendable {
        /// Records in the order of writing: by number, in cyclic files the oldest first.
        case records([Record])
        /// The whole content of a transparent file.
        case bytes([UInt8])
    }

    /// One file with its content.
    public struct File: Hashable, Sendable {
        /// The directory's name.
        public let directory: String
        /// The file of the layout.
        public let file: ElementaryFile
        /// What is written.
        public let content: Content

        /// Bytes to write.
        public var byteCount: Int {
            switch content {
            case .records(let records): records.reduce(0) { $0 + $1.bytes.count }
            case .bytes(let bytes): bytes.count
            }
        }
    }

    /// The files that have anything to write, in the order of the layout.
    public let files: [File]

    /// Bytes to write over all files.
    public var totalBytes: Int { files.reduce(0) { $0 + $1.byteCount } }

    /// The file of that name, when anything is written to it.
    public func file(_ directory: String, _ name: String) -> File? {
        files.first { $0.directory == directory && $0.file.name == name }
    }

    /// The records of a file; none when nothing is written to it or it has no records.
    public func records(_ directory: String, _ name: String) -> [Record] {
        guard case .records(let records) = file(directory, name)?.content else { return [] }
        return records
    }

    /// The image that initialisation writes: every record of the variable-record and fixed-record files, filled with its blank filler.
    ///
    /// Records come into being by this; cyclic files are left empty and transparent files as they were created.
    public static func blank(of layout: CardLayout) -> CardImage {
        var files: [File] = []
        for directory in layout.directories {
            for file in directory.files where file.isCreated && !file.elements.isEmpty {
                switch file.structure {
                case .variableRecord, .fixedRecord:
                    let records = file.elements.flatMap { element in
                        let value = ElementCodec.blank(element)
                        return file.records(
                            of: element, values: [[UInt8]](repeating: value, count: element.repeats))
                    }
                    files.append(File(directory: directory.name, file: file, content: .records(records)))
                case .cyclic, .transparent: break
                }
            }
        }
        return CardImage(files: files)
    }
}

extension ElementaryFile {
    /// The number of an element's first record.
    func firstRecord(of element: Element) -> Int {
        elements.prefix { $0 != element }.reduce(1) { $0 + $1.repeats }
    }

    /// The records of an element from its values, tag and length before each.
    func records(of element: Element, values: [[UInt8]]) -> [CardImage.Record] {
        let first = firstRecord(of: element)
        return values.enumerated().map { index, value in
            CardImage.Record(
                number: first + index, tag: element.tag, element: element.name,
                bytes: ElementCodec.header(element) + value, place: element.place)
        }
    }
}

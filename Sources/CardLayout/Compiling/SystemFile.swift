import ByteText
public import CardData

/// A file that the card operating system itself works with: it lies in a directory beside the files of the layout, which says nothing of it.
public struct SystemFile: Hashable, Sendable {
    /// What the card operating system has it for; the raw value is its name in dumps.
    public enum Role: String, Hashable, Sendable, CaseIterable {
        /// The list of applications.
        case directory = "DIR"
        /// The template that SELECT answers with, as it stands.
        case information = "FCI"
        /// What an application notes of its transactions; nobody reads it by a file command.
        case transactions = "TF"

        /// What it is called, in Chinese.
        public var title: String {
            switch self {
            case .directory: "应用目录文件"
            case .information: "文件控制信息"
            case .transactions: "交易文件"
            }
        }
    }

    /// What it is for.
    public let role: Role
    /// The file with its rights, and a description that commands can go by.
    public let file: CompiledFile
    /// What issuing writes to it: its records one by one, or all its bytes; nil for a file that only the card writes.
    public let content: CardContent.RawFile?

    /// Its name in dumps.
    public var name: String { role.rawValue }

    init(_ role: Role, _ file: CompiledFile, _ content: CardContent.RawFile?, at place: SourcePlace) {
        self.role = role
        self.content = content
        self.file = CompiledFile(
            identifier: file.identifier,
            file: Self.description(
                of: role, identifier: file.identifier, structure: file.structure, place: place),
            structure: file.structure, readByte: file.readByte, writeByte: file.writeByte, recordReadBytes: [:],
            bodySize: file.bodySize, space: file.space)
    }

    /// A file without elements, which commands and comparisons can go by.
    public static func description(
        of role: Role, identifier: UInt16 = 0, structure: ElementaryFile.Structure = .variableRecord,
        place: SourcePlace = SourcePlace(file: "", line: 0)
    ) -> ElementaryFile {
        ElementaryFile(
            name: role.rawValue, identifier: identifier, title: role.title, structure: structure, read: .free,
            write: .never, availability: .enabled, elements: [], place: place)
    }
}

extension CompiledDirectory {
    /// One entry of the list of applications: template 61 with the application's name in 4F (ISO/IEC 7816-4 §8.2.1.1).
    static func entry(of directory: Directory) -> [UInt8]? {
        guard let name = directory.dedicatedFileName else { return nil }
        return [0x61, UInt8(truncatingIfNeeded: name.count + 2), 0x4F, UInt8(truncatingIfNeeded: name.count)] + name
    }

    /// The files of the card operating system in a directory, in the order they are made: list, FCI template, transactions.
    ///
    /// An FCI file whose content is only a part of the template is the card operating system's own affair and not among them.
    static func systemFiles(
        of security: DirectorySecurity, listing children: [Directory], information: CompiledFile?,
        _ informationContent: [UInt8], _ profile: COSProfile
    ) -> [SystemFile] {
        var files: [SystemFile] = []
        if let rule = security.directoryFile {
            let records = children.compactMap(entry)
            let size = rule.size ?? records.reduce(0) { $0 + $1.count }
            files.append(
                SystemFile(
                    .directory, file(rule, .variableRecord, size, profile), .records(records), at: security.place))
        }
        if let information, security.shortIdentifierByte & 0xE0 == 0xC0 {
            files.append(SystemFile(.information, information, .bytes(informationContent), at: security.place))
        }
        if let rule = security.transactionFile {
            let size = rule.size ?? 0
            files.append(
                SystemFile(
                    .transactions, file(rule, .transparent(size: size), size, profile), nil, at: security.place))
        }
        return files
    }

    private static func file(
        _ rule: SystemFileRule, _ structure: ElementaryFile.Structure, _ size: Int, _ profile: COSProfile
    ) -> CompiledFile {
        CompiledFile(
            identifier: rule.identifier, file: nil, structure: structure, readByte: rule.readRight,
            writeByte: rule.writeRight, recordReadBytes: [:], bodySize: size, space: size + profile.fileHeaderSize)
    }
}

extension CompiledCard {
    /// Every file of the card operating system with the name of its directory, the master file's first.
    public var systemFiles: [(directory: CompiledDirectory, file: SystemFile)] {
        ([masterFile] + directories).flatMap { directory in directory.systemFiles.map { (directory, $0) } }
    }
}

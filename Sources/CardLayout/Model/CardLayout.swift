public import CardData

/// One kind of card as its layout file describes it (`CardLayouts/*.yaml`): directories, files, elements and who may touch them.
public struct CardLayout: Hashable, Sendable {
    /// The layout's name, for example `national-2.0`.
    public let name: String
    /// The text of EF05 tag 03 on cards that are made by it, for example `2.00`.
    public let specificationVersion: String
    /// The texts that stand on cards of this layout, ``specificationVersion`` first: revisions that change no file.
    public let acceptedVersions: [String]
    /// What the layout is called, in Chinese.
    public let title: String
    /// What it is called in English; nil where its file does not say, which the lint tells.
    public let englishTitle: String?
    /// The COS profile that the layout is made for.
    public let profileName: String
    /// The directories, SSSE first.
    public let directories: [Directory]
    /// The directories that are read before all others, the first one first.
    public let readOrder: [String]
    /// The name of the layout it extends; nil for one that stands alone.
    public let extendedName: String?
    /// Tags that the specification gives to elements which the layout does not describe; no extension may take them.
    public let reservedTags: Set<UInt8>
    /// What making a card with every file full may cost; nil when nothing is said.
    public let budget: LayoutBudget?
    /// Where regions are known to have files and applications of their own, this layout's among them.
    public let regionalPlaces: [RegionalPlace]
    /// Where the layout begins.
    public let place: SourcePlace

    /// A layout from its parts.
    public init(
        name: String, specificationVersion: String, title: String, englishTitle: String? = nil, profileName: String,
        directories: [Directory], extendedName: String? = nil, reservedTags: Set<UInt8> = [],
        budget: LayoutBudget? = nil,
        readOrder: [String] = [], acceptedVersions: [String]? = nil, regionalPlaces: [RegionalPlace] = [],
        place: SourcePlace
    ) {
        self.name = name
        self.specificationVersion = specificationVersion
        self.acceptedVersions = acceptedVersions ?? [specificationVersion]
        self.title = title
        self.englishTitle = englishTitle
        self.profileName = profileName
        self.directories = directories
        self.readOrder = readOrder
        self.regionalPlaces = regionalPlaces
        self.extendedName = extendedName
        self.reservedTags = reservedTags
        self.budget = budget
        self.place = place
    }

    /// What people call it in a language; in English its name where nothing else is said.
    public func title(in language: MessageLanguage) -> String {
        switch language {
        case .chinese: title
        case .english: englishTitle ?? name
        }
    }

    /// The directory of that name.
    public func directory(_ name: String) -> Directory? { directories.first { $0.name == name } }

    /// Whether a card that says it is of this version may be one of the layout.
    ///
    /// A list that does not begin with the layout's own version is that of the layout it extends.
    public func accepts(version: String) -> Bool {
        version == specificationVersion
            || acceptedVersions.first == specificationVersion && acceptedVersions.contains(version)
    }
}

/// A directory file: the social security environment itself (SSSE, 社会保障系统环境) or one of its applications, `DF01` and on.
public struct Directory: Hashable, Sendable {
    /// `SSSE`, `DF01` and on.
    public let name: String
    /// The two-byte file identifier.
    public let identifier: UInt16
    /// The name it is selected by (AID or DDF name), 5–16 bytes; nil when only the identifier selects it.
    public let dedicatedFileName: [UInt8]?
    /// The directory that holds it; nil for a directory below the master file.
    public let parent: String?
    /// What it is called, in Chinese.
    public let title: String
    /// Its elementary files in the order they are written.
    public let files: [ElementaryFile]
    /// Where it stands in the layout file.
    public let place: SourcePlace

    /// A directory from its parts.
    public init(
        name: String, identifier: UInt16, dedicatedFileName: [UInt8]?, parent: String?, title: String,
        files: [ElementaryFile], place: SourcePlace
    ) {
        self.name = name
        self.identifier = identifier
        self.dedicatedFileName = dedicatedFileName
        self.parent = parent
        self.title = title
        self.files = files
        self.place = place
    }

    /// The file of that name.
    public func file(_ name: String) -> ElementaryFile? { files.first { $0.name == name } }
}

/// An elementary file (EF) of a directory.
public struct ElementaryFile: Hashable, Sendable {
    /// How the file keeps its content (ISO/IEC 7816-4 §7.1).
    public enum Structure: Hashable, Sendable {
        /// Records `tag ‖ length ‖ value`, each of its own length.
        case variableRecord
        /// `count` records of `length` bytes.
        case fixedRecord(count: Int, length: Int)
        /// A ring of `count` records of `length` bytes; record 1 is the newest.
        case cyclic(count: Int, length: Int)
        /// `size` bytes without structure.
        case transparent(size: Int)
    }

    /// The class column of the file table.
    public enum Availability: String, Hashable, Sendable, CaseIterable {
        /// 启用 in use.
        case enabled
        /// 预置 created, not yet in use.
        case preset
        /// 保留 reserved.
        case reserved
        /// 参考 for reference only, not created.
        case reference
    }

    /// The name, `EF05` for example.
    public let name: String
    /// The two-byte file identifier; its low five bits are the short identifier.
    public let identifier: UInt16
    /// What it is called, in Chinese.
    public let title: String
    /// How it keeps its content.
    public let structure: Structure
    /// Who may read it.
    public let read: AccessRule
    /// Who may write it.
    public let write: AccessRule
    /// How its commands are protected on the line; nil for plain ones.
    public let protection: FileProtection?
    /// Whether it is in use.
    public let availability: Availability
    /// Its data elements in the order of the records; for cyclic and fixed files the fields of one record.
    public let elements: [Element]
    /// The byte that fills a transparent file behind a shorter content.
    public let padding: UInt8
    /// Where it stands in the layout file.
    public let place: SourcePlace

    /// A file from its parts.
    public init(
        name: String, identifier: UInt16, title: String, structure: Structure, read: AccessRule, write: AccessRule,
        protection: FileProtection? = nil, availability: Availability, elements: [Element], padding: UInt8 = 0x00,
        place: SourcePlace
    ) {
        self.name = name
        self.identifier = identifier
        self.title = title
        self.structure = structure
        self.read = read
        self.write = write
        self.protection = protection
        self.availability = availability
        self.elements = elements
        self.padding = padding
        self.place = place
    }

    /// The short file identifier, 1…30.
    public var shortIdentifier: UInt8 { UInt8(identifier & 0x1F) }

    /// The element of that name.
    public func element(_ name: String) -> Element? { elements.first { $0.name == name } }
}

/// A data element: one record of a variable-record file, or one field of a fixed or cyclic record.
public struct Element: Hashable, Sendable {
    /// How the value is coded.
    public enum Coding: Hashable, Sendable {
        /// `an`: text bytes (ASCII, GBK), filled at the right with 00.
        case text
        /// `cn`: two digits a byte, filled at the right with the digit F.
        case packedDigits
        /// `b`: plain bytes.
        case binary
        /// `B-TLV`: `repeats` templates of `tag`, each holding the inner elements as tag, length, value.
        case template(tag: UInt8, inner: [Element])
    }

    /// A stricter form the text must have, checked by the value types of CardData.
    public enum Format: String, Hashable, Sendable, CaseIterable {
        /// 社会保障号码, GB 11643.
        case citizenNumber
        /// 姓名 with its extension.
        case personName
        /// YYYYMMDD.
        case date
        /// GB/T 2260.
        case areaCode
        /// 卡号 with check character.
        case cardNumber
        /// 卡的识别码.
        case identificationCode
        /// 性别.
        case sex
        /// 民族.
        case ethnicGroup
        /// 数字相片: JPEG or Windows bitmap.
        case picture
    }

    /// On which record a value is kept that the card shows of itself or of its holder: it changes there, and not on the chip alone.
    public enum Record: String, Hashable, Sendable, CaseIterable {
        /// That of the card's making: another value is another card.
        case issue
        /// The holder's: changed there first, and then brought onto the card.
        case holder
    }

    /// The tag of the record; nil for a field of a fixed or cyclic record.
    public let tag: UInt8?
    /// The name in CSV columns and JSON, for example `citizenNumber`.
    public let name: String
    /// What it is called, in Chinese.
    public let title: String
    /// How the value is coded.
    public let coding: Coding
    /// The value's length in bytes; for B-TLV with the inner tags and lengths.
    public let length: Int
    /// How often a B-TLV template repeats; 1 for all others.
    public let repeats: Int
    /// The form beyond the coding.
    public let format: Format?
    /// The code table that lists the allowed values (`CardLayouts/tables/NAME.csv`).
    public let codeTable: String?
    /// True when a card cannot be issued without it.
    public let mandatory: Bool
    /// The record that its value is kept on; nil for what a single update changes.
    public let record: Record?
    /// Who may read it, where that differs from the file's rule.
    public let read: AccessRule?
    /// What a later version of the specification made of its tag, when a card may hold either.
    public let reinterpretation: Reinterpretation?
    /// Where it stands in the layout file.
    public let place: SourcePlace

    /// An element from its parts.
    public init(
        tag: UInt8?, name: String, title: String, coding: Coding, length: Int, repeats: Int = 1, format: Format? = nil,
        codeTable: String? = nil, mandatory: Bool = false, record: Record? = nil, read: AccessRule? = nil,
        reinterpretation: Reinterpretation? = nil, place: SourcePlace
    ) {
        self.tag = tag
        self.name = name
        self.title = title
        self.coding = coding
        self.length = length
        self.repeats = repeats
        self.format = format
        self.codeTable = codeTable
        self.mandatory = mandatory
        self.record = record
        self.read = read
        self.reinterpretation = reinterpretation
        self.place = place
    }
}

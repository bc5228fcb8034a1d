public import ISO7816

/// A command as a profile writes it, with places that a file, directory or key fills:
/// `80 E0 {identifier} | 38 {size} {create} {erase} FFFF {name}`.
///
/// Before the bar stand CLA, INS, P1 and P2, behind it the data; Lc is counted. A second bar brings Le.
public struct CommandTemplate: Hashable, Sendable {
    /// What fills a place; the raw value is how profiles write it.
    public enum Field: String, Hashable, Sendable, CaseIterable {
        /// The two bytes of a file identifier.
        case identifier
        /// The short file identifier, 5 bits.
        case shortFile
        /// P2 of record commands by number: short file identifier, then 100.
        case recordReference
        /// P2 of commands that add a record wherever there is room: short file identifier, then 000.
        case fileReference
        /// P2 of commands that add a row to a cyclic file: short file identifier, then 011.
        case ringReference
        /// A record's number.
        case recordNumber
        /// A record with tag and length.
        case record
        /// 01 for the environments below the master file, 02 for the applications in them.
        case directoryKind
        /// The name of a directory, 5–16 bytes.
        case name
        /// Bytes of card memory a directory takes, two bytes.
        case size
        /// The right to create files in a directory.
        case create
        /// The right to erase it.
        case erase
        /// The right to add keys to it.
        case addKey
        /// The DF short identifier, which says what SELECT answers.
        case shortIdentifier
        /// The short identifier of the file that SELECT answers from; 00 without one.
        case informationFile
        /// The short identifier of the file of an application's transactions; 00 without one.
        case transactionFile
        /// Bytes of a key file, two bytes.
        case keyFileSize
        /// The COS's code of a file's structure, with the bits of line protection where it has them.
        case type
        /// Whether a file may be read in plain, and which keys protect it.
        case control
        /// Two bytes: the size, or count and length of records.
        case dimension
        /// Bytes of a file's content, two bytes.
        case contentSize
        /// The length of a file's records; 00 for transparent files and records of different lengths.
        case recordLength
        /// Nothing, the record length, or count and length of records, as the structure needs it.
        case recordMeasures
        /// The right to read.
        case read
        /// The right to write.
        case write
        /// Pairs of record tag and read right, where they differ from the file's.
        case recordRights
        /// The COS's code of a key's type, with the bits that ask for protected updates.
        case keyType
        /// The same without these bits.
        case keyBaseType
        /// A key's identifier.
        case keyIdentifier
        /// The right to use a key.
        case use
        /// The right to change it.
        case change
        /// The state a key leads to, or its version.
        case next
        /// The counter of a key: most tries and tries left; or its algorithm.
        case counter
        /// Bytes of a key.
        case keyLength
        /// The key itself; its place in commands that travel protected.
        case key
        /// The key in 16 bytes, filled up with FF.
        case paddedKey
        /// E(transport key, challenge) of a blank card.
        case transportCode
        /// The historical bytes of an answer to reset.
        case historicalBytes
        /// A whole answer to reset.
        case answerToReset

        /// Bytes that the field fills; nil when it depends on the content.
        public var width: Int? {
            switch self {
            case .identifier, .size, .keyFileSize, .dimension, .contentSize: 2
            case .transportCode: 8
            case .paddedKey: 16
            case .name, .recordRights, .recordMeasures, .record, .key, .historicalBytes, .answerToReset: nil
            default: 1
            }
        }
    }

    /// A piece of a template.
    public enum Part: Hashable, Sendable {
        /// Bytes that are always the same.
        case bytes([UInt8])
        /// A place to fill.
        case field(Field)
    }

    /// CLA, INS, P1, P2.
    public let header: [Part]
    /// The data field.
    public let data: [Part]
    /// Le as it is written; nil without one.
    public let expectedLength: UInt8?

    /// A template from its parts; nil when the header does not make four bytes, or when what cannot be told apart follows
    /// a place of open length.
    public init?(header: [Part], data: [Part], expectedLength: UInt8?) {
        guard header.reduce(0, { $0 + ($1.width ?? 5) }) == 4 else { return nil }
        guard data.dropLast().allSatisfy({ $0.width != nil }) else { return nil }
        self.header = header
        self.data = data
        self.expectedLength = expectedLength
    }

    /// The fields it has.
    public var fields: Set<Field> {
        Set((header + data).compactMap { if case .field(let field) = $0 { field } else { nil } })
    }

    /// The command with its places filled; a place without a value stays empty.
    public func command(_ values: [Field: [UInt8]]) throws(CommandAPDU.Malformed) -> CommandAPDU {
        let header = Self.fill(self.header, values)
        guard header.count == 4 else { throw .lengthMismatch }
        let data = Self.fill(self.data, values)
        if data.isEmpty {
            guard let expectedLength else { return CommandAPDU(header[0], header[1], header[2], header[3]) }
            return CommandAPDU(header[0], header[1], header[2], header[3], le: expectedLength)
        }
        return try CommandAPDU(header[0], header[1], header[2], header[3], data: data)
    }

    /// What a command has in the template's places; nil when it is another command.
    public func values(of command: CommandAPDU) -> [Field: [UInt8]]? {
        guard var values = Self.match(header, command.header), let more = Self.match(data, command.data) else {
            return nil
        }
        values.merge(more) { $1 }
        return values
    }

    /// What a command's header has in the template's places; nil when it is another command.
    public func headerValues(of command: CommandAPDU) -> [Field: [UInt8]]? { Self.match(header, command.header) }

    /// What a data field has in the template's places; nil when it has another form.
    public func dataValues(of data: [UInt8]) -> [Field: [UInt8]]? { Self.match(self.data, data) }

    /// Fills parts in their order.
    public static func fill(_ parts: [Part], _ values: [Field: [UInt8]]) -> [UInt8] {
        parts.flatMap { part in
            switch part {
            case .bytes(let bytes): bytes
            case .field(let field): values[field] ?? []
            }
        }
    }

    private static func match(_ parts: [Part], _ bytes: [UInt8]) -> [Field: [UInt8]]? {
        var values: [Field: [UInt8]] = [:]
        var rest = bytes[...]
        for part in parts {
            switch part {
            case .bytes(let expected):
                guard rest.starts(with: expected) else { return nil }
                rest = rest.dropFirst(expected.count)
            case .field(let field):
                let width = field.width ?? rest.count
                guard rest.count >= width else { return nil }
                values[field] = Array(rest.prefix(width))
                rest = rest.dropFirst(width)
            }
        }
        return rest.isEmpty ? values : nil
    }
}

extension CommandTemplate.Part {
    /// Bytes of the part; nil when they depend on the content.
    var width: Int? {
        switch self {
        case .bytes(let bytes): bytes.count
        case .field(let field): field.width
        }
    }
}

import ByteText
public import CardApplication
import Foundation

/// What the journal of a migration keeps sealed: from what and to what, and what the card held before its first command.
public struct MigrationContent: JournalHeader {
    /// The hash of the plan that was begun.
    public let planHash: [UInt8]
    /// The layout the card was made by.
    public let from: String
    /// The layout it shall have.
    public let to: String
    /// The issuing area whose keys open the card.
    public let area: String
    /// The versions of the keys that the card was made with, as they are written down; empty when none are recorded.
    public let keyVersions: String
    /// What whoever began it wants to find again, such as how far a log had come; nothing reads it here.
    public let mark: String
    /// The most data bytes of a command that it was planned for; nil for the profile's own limit.
    public let largestBlock: Int?
    /// The values that were given to be written beside the card's own.
    public let values: [String: String]
    /// What the card held when it was begun.
    public let dump: CardDump

    /// A content from its parts.
    public init(
        planHash: [UInt8], from: String, to: String, area: String, keyVersions: String = "", mark: String = "",
        largestBlock: Int? = nil, values: [String: String], dump: CardDump
    ) {
        self.largestBlock = largestBlock
        self.mark = mark
        self.keyVersions = keyVersions
        self.planHash = planHash
        self.from = from
        self.to = to
        self.area = area
        self.values = values
        self.dump = dump
    }

    /// `.migration`.
    public static let fileExtension = ".migration"

    /// The content as bytes.
    public var plainBytes: [UInt8] {
        var bytes = planHash
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        // A dump has text, numbers and arrays alone, which always encode; without it the journal would not read back.
        let dump = (try? encoder.encode(dump)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let notes = [
            "from": from, "to": to, "area": area, "keyVersions": keyVersions, "mark": mark, "dump": dump,
            "block": largestBlock.map(String.init) ?? "",
        ]
        bytes.append(table: notes)
        bytes.append(table: values)
        return bytes
    }

    /// Reads ``plainBytes``; throws when they are none.
    public init(plainBytes: [UInt8]) throws {
        var reader = ByteReader(plainBytes)
        planHash = try reader.take(32)
        let notes = try reader.takeTable()
        from = notes["from", default: ""]
        to = notes["to", default: ""]
        area = notes["area", default: ""]
        keyVersions = notes["keyVersions", default: ""]
        mark = notes["mark", default: ""]
        largestBlock = Int(notes["block", default: ""])
        dump = try JSONDecoder().decode(CardDump.self, from: Data(notes["dump", default: ""].utf8))
        values = try reader.takeTable()
    }
}

import ByteText
public import CardCryptography

/// Who a card is for and what it shall hold: all that is needed to make the same plan again after a tear.
public struct JournalContent: Sendable {
    /// The hash of the plan that was begun.
    public let planHash: [UInt8]
    /// The element values by name.
    public let values: [String: String]
    /// What the caller needs to go on: the reserved card number, the layout, the operator.
    public let notes: [String: String]
    /// The PIN that was chosen.
    public let pin: PersonalIdentificationNumber

    /// A content from its parts.
    public init(
        planHash: [UInt8], values: [String: String], notes: [String: String], pin: PersonalIdentificationNumber
    ) {
        self.planHash = planHash
        self.values = values
        self.notes = notes
        self.pin = pin
    }
}

extension JournalContent: JournalHeader {
    /// `.journal`.
    public static let fileExtension = ".journal"

    /// The content as bytes.
    public var plainBytes: [UInt8] {
        var bytes = planHash
        pin.withDigits { digits in bytes.appendCounted(Array(digits)) }
        bytes.append(table: values)
        bytes.append(table: notes)
        return bytes
    }

    /// Reads ``plainBytes``; throws when they are none.
    public init(plainBytes: [UInt8]) throws {
        var reader = ByteReader(plainBytes)
        planHash = try reader.take(32)
        let digits = try reader.takeCounted()
        pin = try PersonalIdentificationNumber(digits: digits.span)
        values = try reader.takeTable()
        notes = try reader.takeTable()
    }
}

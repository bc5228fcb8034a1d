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

    /// The content as a box that only this site opens, bound to the card.
    func sealed(for card: CardIdentity, key: SealingKey) throws(JournalError) -> [UInt8] {
        var bytes = planHash
        pin.withDigits { digits in bytes.appendCounted(Array(digits)) }
        for table in [values, notes] {
            bytes += UInt16(table.count).bigEndianBytes
            for (name, value) in table.sorted(by: { $0.key < $1.key }) {
                bytes.appendCounted(Array(name.utf8))
                bytes.appendCounted(Array(value.utf8))
            }
        }
        let plain = SecretBytes(copying: bytes)
        _ = bytes.withUnsafeMutableBytes { $0.initializeMemory(as: UInt8.self, repeating: 0) }
        do {
            return try plain.withSpan { plain throws(CryptographyError) in
                try key.secret.withSpan { key throws(CryptographyError) in
                    try SealedBox.seal(plain, key: key, header: card.bytes)
                }
            }
        } catch {
            throw .sealing
        }
    }

    init(sealed: [UInt8], for card: CardIdentity, key: SealingKey, path: String) throws(JournalError) {
        let plain: SecretBytes
        do {
            plain = try key.secret.withSpan { key throws(CryptographyError) in
                try SealedBox.open(sealed, key: key, header: card.bytes)
            }
        } catch {
            throw .sealedByAnother(path)
        }
        do {
            var reader = ByteReader(plain.withUnsafeBytes { Array($0) })
            planHash = try reader.take(32)
            let digits = try reader.takeCounted()
            pin = try PersonalIdentificationNumber(digits: digits.span)
            values = try reader.takeTable()
            notes = try reader.takeTable()
        } catch {
            throw .damaged(path)
        }
    }
}

extension [UInt8] {
    fileprivate mutating func appendCounted(_ bytes: [UInt8]) {
        append(contentsOf: UInt32(bytes.count).bigEndianBytes)
        append(contentsOf: bytes)
    }
}

extension ByteReader {
    fileprivate mutating func takeCounted() throws(Exhausted) -> [UInt8] { try take(Int(takeInteger(UInt32.self))) }

    fileprivate mutating func takeTable() throws(Exhausted) -> [String: String] {
        var table: [String: String] = [:]
        for _ in 0..<(try takeInteger(UInt16.self)) {
            let name = String(decoding: try takeCounted(), as: UTF8.self)
            table[name] = String(decoding: try takeCounted(), as: UTF8.self)
        }
        return table
    }
}

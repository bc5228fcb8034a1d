import ByteText
import CardCryptography

/// What a journal says first: all that is needed to make the same plan again after a tear.
///
/// It lies sealed on the disk, bound to its card.
public protocol JournalHeader: Sendable {
    /// How the names of such journals end; a card has at most one journal of a kind.
    static var fileExtension: String { get }
    /// The content as bytes.
    var plainBytes: [UInt8] { get }
    /// Reads ``plainBytes``; throws when they are not what this kind of journal keeps.
    init(plainBytes: [UInt8]) throws
}

extension JournalHeader {
    static func fileName(for card: CardIdentity) -> String { card.text + fileExtension }

    static func path(in folder: String, _ card: CardIdentity) -> String { "\(folder)/\(fileName(for: card))" }

    /// The content as a box that only this site opens, bound to the card.
    func sealed(for card: CardIdentity, key: SealingKey) throws(JournalError) -> [UInt8] {
        var bytes = plainBytes
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
            try self.init(plainBytes: plain.withUnsafeBytes { Array($0) })
        } catch {
            throw .damaged(path)
        }
    }
}

extension [UInt8] {
    /// Names and values, in the order of the names.
    mutating func append(table: [String: String]) {
        self += UInt16(table.count).bigEndianBytes
        for (name, value) in table.sorted(by: { $0.key < $1.key }) {
            appendCounted(Array(name.utf8))
            appendCounted(Array(value.utf8))
        }
    }
}

extension ByteReader {
    mutating func takeTable() throws(Exhausted) -> [String: String] {
        var table: [String: String] = [:]
        for _ in 0..<(try takeInteger(UInt16.self)) {
            let name = String(decoding: try takeCounted(), as: UTF8.self)
            table[name] = String(decoding: try takeCounted(), as: UTF8.self)
        }
        return table
    }
}

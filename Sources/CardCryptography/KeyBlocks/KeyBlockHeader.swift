/// The open part of a key block: what the key is and what may be done with it.
///
/// The MAC covers every character of it.
public struct KeyBlockHeader: Hashable, Sendable {
    /// Whether the key may be exported again.
    public enum Exportability: Character, Hashable, Sendable, CaseIterable, Comparable {
        /// Under a protection key of a trusted key block.
        case exportable = "E"
        /// Under protection keys that are not of key blocks too.
        case sensitive = "S"
        /// Not at all.
        case forbidden = "N"

        private var strictness: Int {
            switch self {
            case .sensitive: 0
            case .exportable: 1
            case .forbidden: 2
            }
        }

        /// Whether one allows more than the other.
        public static func < (left: Exportability, right: Exportability) -> Bool { left.strictness < right.strictness }
    }

    /// One optional block: two characters of identifier, and text.
    public struct OptionalBlock: Hashable, Sendable {
        /// `LB` a label, `KS` a key serial number, `PB` filler.
        public let identifier: String
        /// Its text.
        public let text: String

        /// A block from its parts.
        public init(_ identifier: String, _ text: String) {
            self.identifier = identifier
            self.text = text
        }
    }

    /// The version.
    public let version: KeyBlockVersion
    /// Two characters: what the key is for, such as E2 for the integrity of card commands or K1 for a protection key.
    public let usage: String
    /// T triple DES, A AES, 4 SM4 (a maker's own, as the version).
    public let algorithm: Character
    /// What the key may do: E, D, B, G, V, C, X to derive, N without limit, and others.
    public let mode: Character
    /// Two characters; 00 for a key without versions.
    public let keyVersion: String
    /// Whether the key may be exported again.
    public let exportability: Exportability
    /// The optional blocks, filler left out.
    public let optionalBlocks: [OptionalBlock]

    /// A header from its parts.
    ///
    /// - Throws: `malformed` for parts that no header can hold.
    public init(
        version: KeyBlockVersion, usage: String, algorithm: Character, mode: Character, keyVersion: String = "00",
        exportability: Exportability = .forbidden, optionalBlocks: [OptionalBlock] = []
    ) throws(KeyBlockError) {
        guard usage.utf8.count == 2, Self.isAlphanumeric(usage) else { throw .malformed("usage") }
        guard Self.isAlphanumeric(String(algorithm)) else { throw .malformed("algorithm") }
        guard Self.isAlphanumeric(String(mode)) else { throw .malformed("mode of use") }
        guard keyVersion.utf8.count == 2, Self.isAlphanumeric(keyVersion) else { throw .malformed("key version") }
        guard optionalBlocks.count <= 98 else { throw .malformed("number of optional blocks") }
        for block in optionalBlocks {
            guard block.identifier.utf8.count == 2, Self.isAlphanumeric(block.identifier), block.identifier != "PB",
                block.text.utf8.count <= 251, block.text.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
            else { throw .malformed("optional block \(block.identifier)") }
        }
        self.version = version
        self.usage = usage
        self.algorithm = algorithm
        self.mode = mode
        self.keyVersion = keyVersion
        self.exportability = exportability
        self.optionalBlocks = optionalBlocks
    }

    /// The text of the first optional block with that identifier.
    public func text(of identifier: String) -> String? {
        optionalBlocks.first { $0.identifier == identifier }?.text
    }

    private static func isAlphanumeric(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) }
    }
}

// MARK: - As text

extension KeyBlockHeader {
    /// The header's text for a block of so many characters of key data and MAC.
    func text(payloadLength: Int) throws(KeyBlockError) -> String {
        var blocks = optionalBlocks.map { $0.identifier + Self.hex($0.text.utf8.count + 4, digits: 2) + $0.text }
        // whole cipher blocks: filler has four characters at least
        let excess = blocks.joined().utf8.count % version.blockLength
        if excess != 0 {
            var filler = version.blockLength - excess
            if filler < 4 { filler += version.blockLength }
            blocks.append("PB" + Self.hex(filler, digits: 2) + String(repeating: "0", count: filler - 4))
        }
        let length = 16 + blocks.joined().utf8.count + payloadLength
        guard length <= 9999 else { throw .malformed("length") }
        return "\(version.rawValue)" + Self.decimal(length, digits: 4) + usage + "\(algorithm)\(mode)" + keyVersion
            + "\(exportability.rawValue)" + Self.decimal(blocks.count, digits: 2) + "00" + blocks.joined()
    }

    /// Reads the header of a whole block; gives how many characters it has.
    ///
    /// - Throws: `unknownVersion`; `malformed` for everything else that is not as the standard has it.
    static func read(_ block: [UInt8]) throws(KeyBlockError) -> (header: KeyBlockHeader, length: Int) {
        guard block.count >= 16, block.allSatisfy({ (0x20...0x7E).contains($0) }) else { throw .malformed("length") }
        let text = { (range: Range<Int>) in String(decoding: block[range], as: UTF8.self) }
        let letter = Character(text(0..<1))
        guard let version = KeyBlockVersion(rawValue: letter) else { throw .unknownVersion(letter) }
        guard number(block[1..<5]) == block.count else { throw .malformed("length") }
        guard let exportability = Exportability(rawValue: Character(text(11..<12))) else {
            throw .malformed("exportability")
        }
        guard let count = number(block[12..<14]), text(14..<16) == "00" else { throw .malformed("optional blocks") }
        var blocks: [OptionalBlock] = []
        var at = 16
        for index in 0..<count {
            guard at + 4 <= block.count, let length = hexNumber(block[at + 2..<at + 4]), length >= 4,
                at + length <= block.count
            else { throw .malformed("optional block \(index + 1)") }
            let identifier = text(at..<at + 2)
            if identifier == "PB" {
                guard index == count - 1 else { throw .malformed("filler") }
            } else {
                blocks.append(OptionalBlock(identifier, text(at + 4..<at + length)))
            }
            at += length
        }
        guard (at - 16) % version.blockLength == 0 else { throw .malformed("optional blocks") }
        let header = try KeyBlockHeader(
            version: version, usage: text(5..<7), algorithm: Character(text(7..<8)), mode: Character(text(8..<9)),
            keyVersion: text(9..<11), exportability: exportability, optionalBlocks: blocks)
        return (header, at)
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    private static func hexNumber(_ digits: ArraySlice<UInt8>) -> Int? {
        guard digits.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x46).contains($0) }) else { return nil }
        return Int(String(decoding: digits, as: UTF8.self), radix: 16)
    }

    private static func decimal(_ number: Int, digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    private static func hex(_ number: Int, digits: Int) -> String {
        let text = String(number, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}

/// Writes DER (ITU-T X.690): lengths and numbers in their shortest form.
enum DER {
    /// A tag, the length in its shortest form, and the content of less than 65,536 bytes.
    static func tagged(_ tag: UInt8, _ content: some Collection<UInt8>) -> [UInt8] {
        let count = content.count
        let length: [UInt8] =
            count < 0x80
            ? [UInt8(count)]
            : count < 0x100
                ? [0x81, UInt8(count)] : [0x82, UInt8(truncatingIfNeeded: count >> 8), UInt8(count & 0xFF)]
        return [tag] + length + content
    }

    /// INTEGER of a number without sign, most significant byte first: zeros in front go, one comes where the first bit is set.
    static func integer(_ number: some Collection<UInt8>) -> [UInt8] {
        let digits = Array(number.drop { $0 == 0 })
        return tagged(0x02, (digits.first ?? 0x80) < 0x80 ? digits : [0] + digits)
    }

    /// SEQUENCE of parts that are written already.
    static func sequence(_ parts: [UInt8]...) -> [UInt8] { tagged(0x30, parts.flatMap { $0 }) }
}

/// Reads DER as it must be: shortest lengths, shortest numbers; anything else is nil.
struct DERReader {
    private let bytes: [UInt8]
    private var at = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { at == bytes.count }

    /// The content behind a tag.
    mutating func content(_ tag: UInt8) -> [UInt8]? {
        guard at + 2 <= bytes.count, bytes[at] == tag else { return nil }
        var count = Int(bytes[at + 1])
        var start = at + 2
        switch count {
        case 0..<0x80: break
        case 0x81:
            guard start < bytes.count, bytes[start] >= 0x80 else { return nil }
            count = Int(bytes[start])
            start += 1
        case 0x82:
            guard start + 1 < bytes.count, bytes[start] > 0 else { return nil }
            count = Int(bytes[start]) << 8 | Int(bytes[start + 1])
            start += 2
        default: return nil
        }
        guard start + count <= bytes.count else { return nil }
        at = start + count
        return Array(bytes[start..<at])
    }

    /// A number of the curve, filled up on the left to 32 bytes.
    mutating func number() -> [UInt8]? {
        guard var digits = content(0x02), let first = digits.first, first < 0x80 else { return nil }
        if first == 0, digits.count > 1 {
            guard digits[1] >= 0x80 else { return nil }
            digits.removeFirst()
        }
        guard digits.count <= SM2.width else { return nil }
        return [UInt8](repeating: 0, count: SM2.width - digits.count) + digits
    }
}

/// Bytes written as hexadecimal text, and read back.
extension [UInt8] {
    /// Reads an even number of hexadecimal digits; spaces and line breaks between bytes are passed over.
    ///
    /// - Returns: nil when another character stands in the text or a digit has no partner.
    public init?(hexadecimal text: some StringProtocol) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count / 2)
        var high: UInt8?
        for character in text.utf8 {
            guard let digit = hexadecimalDigit(character) else {
                guard high == nil, character == 0x20 || character == 0x0A || character == 0x0D || character == 0x09
                else { return nil }
                continue
            }
            if let first = high {
                bytes.append(first << 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        guard high == nil else { return nil }
        self = bytes
    }
}

extension Sequence<UInt8> {
    /// The bytes as upper-case hexadecimal digits without separators.
    public var hexadecimal: String {
        let digits: [UInt8] = Array("0123456789ABCDEF".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(underestimatedCount * 2)
        for byte in self {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 0x0F)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension FixedWidthInteger where Self: UnsignedInteger {
    /// The number as upper-case hexadecimal digits, two for each of its bytes.
    public var hexadecimal: String { bigEndianBytes.hexadecimal }
}

private func hexadecimalDigit(_ character: UInt8) -> UInt8? {
    switch character {
    case 0x30...0x39: character - 0x30
    case 0x41...0x46: character - 0x41 + 10
    case 0x61...0x66: character - 0x61 + 10
    default: nil
    }
}

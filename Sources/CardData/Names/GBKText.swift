import ByteText

/// Text as cards hold it: ASCII in one byte, Chinese characters in two (GBK, code page 936).
public enum GBKText {
    /// The text's bytes; throws `text.not-in-gbk`, which names every character that GBK does not have.
    public static func encode(_ text: some StringProtocol) throws(Faults) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            if scalar.isASCII {
                bytes.append(UInt8(scalar.value))
            } else if let code = GBKTable.shared.code(scalar) {
                bytes.append(UInt8(code >> 8))
                bytes.append(UInt8(code & 0xFF))
            } else {
                throw Faults("text.not-in-gbk", ["characters": named(charactersOutside(text))])
            }
        }
        return bytes
    }

    /// Reads bytes; throws `text.undecodable` with the offset of the first byte that begins no character.
    ///
    /// Reading is more forgiving than writing: all of GB 18030 is understood, since some cards hold such names.
    public static func decode(_ bytes: some Collection<UInt8>) throws(Faults) -> String {
        var text = String.UnicodeScalarView()
        let bytes = Array(bytes)
        var offset = 0
        while offset < bytes.count {
            guard let (scalar, length) = character(of: bytes, at: offset) else {
                throw Faults("text.undecodable", ["offset": String(offset)])
            }
            text.append(scalar)
            offset += length
        }
        return String(text)
    }

    /// The characters of a text that GBK does not have, each once, in their order.
    public static func charactersOutside(_ text: some StringProtocol) -> [Unicode.Scalar] {
        var found: [Unicode.Scalar] = []
        for scalar in text.unicodeScalars
        where !scalar.isASCII && GBKTable.shared.code(scalar) == nil && !found.contains(scalar) {
            found.append(scalar)
        }
        return found
    }

    /// Characters with their code points, for messages: `𠮷 (U+20BB7), 䶮 (U+4DAE)`.
    static func named(_ scalars: [Unicode.Scalar]) -> String {
        scalars.map { scalar in
            let digits = String(scalar.value, radix: 16, uppercase: true)
            let code = "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
            return isVisible(scalar) ? "\(scalar) (\(code))" : code
        }.joined(separator: ", ")
    }

    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse, .nonspacingMark: false
        default: true
        }
    }

    private static func character(of bytes: [UInt8], at offset: Int) -> (Unicode.Scalar, length: Int)? {
        let lead = bytes[offset]
        if lead < 0x80 { return (Unicode.Scalar(lead), 1) }
        guard offset + 1 < bytes.count else { return nil }
        let trail = bytes[offset + 1]
        if let scalar = GBKTable.shared.scalar(UInt16(lead) << 8 | UInt16(trail)) { return (scalar, 2) }
        guard (0x30...0x39).contains(trail), offset + 3 < bytes.count,
            let code = UInt32(bigEndianBytes: bytes[offset..<offset + 4]),
            let scalar = GBKTable.scalar(fourByteCode: code)
        else { return nil }
        return (scalar, 4)
    }
}

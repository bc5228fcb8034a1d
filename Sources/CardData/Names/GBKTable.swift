/// The two-byte characters, read once from the C library's tables.
///
/// Writing uses GBK (CP936) alone, since every reader in the field knows it. Reading also takes the two-byte characters that
/// GB 18030 has beyond GBK. Six pairs, on which libraries differ, are pinned to the characters that Unicode has assigned.
struct GBKTable: Sendable {
    /// The table of this process.
    static let shared = GBKTable()

    private var scalars = [UInt32](repeating: 0, count: 0x8000)
    private var codes = [UInt16](repeating: 0, count: 0x1_0000)

    private init() {
        guard let gbk = CharacterConversion(from: "GBK"),
            let gb18030 = CharacterConversion(from: "GB18030")
        else { return }
        for lead in UInt8(0x81)...0xFE {
            for trail in UInt8(0x40)...0xFE where trail != 0x7F {
                let code = UInt16(lead) << 8 | UInt16(trail)
                if let scalar = gbk.convert(UInt32(code), count: 2), scalar < 0x1_0000 {
                    scalars[Int(code & 0x7FFF)] = scalar
                    codes[Int(scalar)] = code
                } else if let scalar = gb18030.convert(UInt32(code), count: 2) {
                    scalars[Int(code & 0x7FFF)] = scalar
                }
            }
        }
        for (code, scalar) in Self.pinned { scalars[Int(code & 0x7FFF)] = scalar.value }
    }

    /// The six codes that glibc and ICU read as different characters.
    static let pinned: [(code: UInt16, scalar: Unicode.Scalar)] = [
        (0xFE51, "\u{20087}"), (0xFE52, "\u{20089}"), (0xFE53, "\u{200CC}"), (0xFE6C, "\u{215D7}"),
        (0xFE76, "\u{2298F}"), (0xFE91, "\u{241FE}"),
    ]

    /// The character of two bytes.
    func scalar(_ code: UInt16) -> Unicode.Scalar? {
        guard code >= 0x8000 else { return nil }
        let value = scalars[Int(code & 0x7FFF)]
        return value == 0 ? nil : Unicode.Scalar(value)
    }

    /// The two bytes of a character; nil when GBK has none.
    func code(_ scalar: Unicode.Scalar) -> UInt16? {
        guard scalar.value < 0x1_0000, codes[Int(scalar.value)] != 0 else { return nil }
        return codes[Int(scalar.value)]
    }

    /// The character of four bytes of GB 18030.
    static func scalar(fourByteCode code: UInt32) -> Unicode.Scalar? {
        guard let gb18030 = CharacterConversion(from: "GB18030") else { return nil }
        return gb18030.convert(code, count: 4).flatMap(Unicode.Scalar.init)
    }
}

/// Bytes as text between two lines that name them (RFC 7468).
enum PEM {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let lineLength = 64

    /// The text, with a line end behind the last line.
    static func text(_ bytes: [UInt8], label: String) -> String {
        var characters: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let padded = Array(group) + [UInt8](repeating: 0, count: 3 - group.count)
            let number = UInt32(padded[0]) << 16 | UInt32(padded[1]) << 8 | UInt32(padded[2])
            for index in 0..<4 {
                let digit = Int(number >> UInt32(18 - 6 * index) & 0x3F)
                characters.append(index <= group.count ? alphabet[digit] : UInt8(ascii: "="))
            }
        }
        let lines = stride(from: 0, to: characters.count, by: lineLength).map { start in
            String(decoding: characters[start..<min(start + lineLength, characters.count)], as: UTF8.self)
        }
        return (["-----BEGIN \(label)-----"] + lines + ["-----END \(label)-----", ""]).joined(separator: "\n")
    }
}

import CardData

/// `cn`: two digits a byte from the left, filled with the digit F.
enum PackedDigits {
    static func encode(_ digits: String, _ element: Element) throws(Faults) -> [UInt8] {
        var nibbles: [UInt8] = []
        for character in digits.utf8 {
            guard (0x30...0x39).contains(character) else {
                throw Faults("element.not-digits", ["element": element.name])
            }
            nibbles.append(character - 0x30)
        }
        guard nibbles.count <= element.length * 2 else {
            throw Faults(
                "element.too-long",
                ["element": element.name, "length": String((nibbles.count + 1) / 2), "most": String(element.length)])
        }
        nibbles += [UInt8](repeating: 0x0F, count: element.length * 2 - nibbles.count)
        return stride(from: 0, to: nibbles.count, by: 2).map { nibbles[$0] << 4 | nibbles[$0 + 1] }
    }

    static func decode(_ bytes: [UInt8], _ element: Element) throws(Faults) -> String {
        let nibbles = bytes.flatMap { [$0 >> 4, $0 & 0x0F] }
        let digits = nibbles.prefix { $0 < 10 }
        guard nibbles[digits.count...].allSatisfy({ $0 == 0x0F }) else {
            throw Faults("element.padding", ["element": element.name])
        }
        return digits.map { String($0) }.joined()
    }
}

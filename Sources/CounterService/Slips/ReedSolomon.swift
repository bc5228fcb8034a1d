/// Reed–Solomon check codewords over GF(256) as QR codes use them (ISO/IEC 18004: the field's polynomial is 0x11D).
enum ReedSolomon {
    /// A product in the field, bit by bit.
    static func product(_ first: UInt8, _ second: UInt8) -> UInt8 {
        var product: UInt16 = 0
        for bit in (0..<8).reversed() {
            product = (product << 1) ^ (product >> 7 & 1) * 0x11D
            if second >> bit & 1 == 1 { product ^= UInt16(first) }
        }
        return UInt8(truncatingIfNeeded: product)
    }

    /// The coefficients of (x − 2⁰)(x − 2¹)… without the leading one, the highest power first.
    static func generator(degree: Int) -> [UInt8] {
        var coefficients = [UInt8](repeating: 0, count: degree - 1) + [1]
        var root: UInt8 = 1
        for _ in 0..<degree {
            for place in coefficients.indices {
                coefficients[place] = product(coefficients[place], root)
                if place + 1 < degree { coefficients[place] ^= coefficients[place + 1] }
            }
            root = product(root, 2)
        }
        return coefficients
    }

    /// The check codewords that follow the data: what is left when it is divided by the generator.
    static func remainder(of data: some Sequence<UInt8>, degree: Int) -> [UInt8] {
        let generator = generator(degree: degree)
        var remainder = [UInt8](repeating: 0, count: degree)
        for byte in data {
            let factor = byte ^ remainder[0]
            remainder = Array(remainder.dropFirst()) + [0]
            for place in generator.indices { remainder[place] ^= product(generator[place], factor) }
        }
        return remainder
    }
}

/// The field of 256 elements in which secrets are shared, with the polynomial x⁸ + x⁴ + x³ + x + 1.
///
/// Without tables and branches, so that the time of an operation tells nothing about its operands.
enum ShareField {
    static func product(_ left: UInt8, _ right: UInt8) -> UInt8 {
        var (factor, rest, product) = (left, right, UInt8(0))
        for _ in 0..<8 {
            product ^= factor & (0 &- (rest & 1))
            let carry = 0 &- (factor >> 7)
            factor = factor << 1 ^ (0x1B & carry)
            rest >>= 1
        }
        return product
    }

    /// The inverse, a²⁵⁴; zero has none and gives zero.
    static func inverse(_ element: UInt8) -> UInt8 {
        var power = element
        var result: UInt8 = 1
        for _ in 0..<7 {
            power = product(power, power)
            result = product(result, power)
        }
        return result
    }
}

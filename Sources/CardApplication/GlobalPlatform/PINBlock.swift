import CardCryptography
import CardLayout

extension COSProfile {
    /// Bytes of the PIN as VERIFY carries it; nil where the packed digits travel by themselves.
    var pinBlockLength: Int? { globalPlatform == nil ? nil : PersonalIdentificationNumber.blockLength }
}

extension PersonalIdentificationNumber {
    /// Bytes of a PIN block.
    static let blockLength = 8

    /// The PIN as an application of EMV's kind keeps it and takes it in VERIFY: 2 and the number of digits, the digits, filled with F
    /// (EMV Book 3 table 24, ISO 9564 format 2).
    func withBlock<R: ~Copyable, E: Error>(_ body: (borrowing Span<UInt8>) throws(E) -> R) throws(E) -> R {
        let count = UInt8(count)
        let block = withPackedDigits { digits in
            SecretBytes.filling(count: Self.blockLength) { span in
                span[0] = 0x20 | count
                for index in 1..<Self.blockLength {
                    span[index] = index <= digits.count ? digits[index - 1] : 0xFF
                }
            }
        }
        return try block.withSpan(body)
    }
}

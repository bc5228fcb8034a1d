import ByteText

/// The identification code of a card, 16 bytes: area code 3 (BCD), `D156000005`, serial number 4, authentication code 4
/// (file structure specification V2.0, table 10).
public struct IdentificationCode: Hashable, Sendable {
    /// The registered application provider identifier that stands in every code.
    public static let registeredIdentifier: [UInt8] = [0xD1, 0x56, 0x00, 0x00, 0x05]

    /// All 16 bytes.
    public let bytes: [UInt8]

    /// Reads 16 bytes; throws `identification-code.length`, or `identification-code.area` and
    /// `identification-code.registered-identifier`.
    public init(bytes: [UInt8]) throws(Faults) {
        guard bytes.count == 16 else { throw Faults("identification-code.length", ["count": String(bytes.count)]) }
        var faults = FaultCollector()
        if !bytes[0..<3].allSatisfy({ $0 >> 4 < 10 && $0 & 0x0F < 10 }) {
            faults.add("identification-code.area", ["found": bytes[0..<3].hexadecimal])
        }
        if Array(bytes[3..<8]) != Self.registeredIdentifier {
            faults.add("identification-code.registered-identifier", ["found": bytes[3..<8].hexadecimal])
        }
        try faults.check()
        self.bytes = bytes
    }

    /// Reads 32 hexadecimal digits; throws `identification-code.hexadecimal` and what ``init(bytes:)`` throws.
    public init(hexadecimal text: String) throws(Faults) {
        guard let bytes = [UInt8](hexadecimal: text) else { throw Faults("identification-code.hexadecimal") }
        try self.init(bytes: bytes)
    }

    /// Puts a code together; without an authentication code it is that of a card not yet personalised.
    ///
    /// - Parameters:
    ///   - areaCode: six digits.
    ///   - serial: four bytes, never taken from the answer to reset.
    ///   - authenticationCode: four bytes, encrypted over the other three groups.
    public init(
        areaCode: String, serial: [UInt8], authenticationCode: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF]
    ) throws(Faults) {
        guard areaCode.utf8.count == 6, let area = [UInt8](hexadecimal: areaCode) else {
            throw Faults("identification-code.area", ["found": String(areaCode.prefix(12))])
        }
        try self.init(bytes: area + Self.registeredIdentifier + serial + authenticationCode)
    }

    /// Six digits: the area of the issuer.
    public var areaCode: String { bytes[0..<3].hexadecimal }

    /// The card's serial number, four bytes.
    public var serial: [UInt8] { Array(bytes[8..<12]) }

    /// The encryption over the first 12 bytes, four bytes.
    public var authenticationCode: [UInt8] { Array(bytes[12..<16]) }

    /// Pre-made blanks carry a code that ends in FFFFFFFF until they are personalised.
    public var isUnpersonalized: Bool { authenticationCode == [0xFF, 0xFF, 0xFF, 0xFF] }

    /// The first 12 bytes, by which card-management systems tell cards apart.
    public var withoutAuthenticationCode: [UInt8] { Array(bytes[0..<12]) }

    /// 32 hexadecimal digits.
    public var text: String { bytes.hexadecimal }
}

extension IdentificationCode: CustomStringConvertible {
    /// 32 hexadecimal digits.
    public var description: String { text }
}

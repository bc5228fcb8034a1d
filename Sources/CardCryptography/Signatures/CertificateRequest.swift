/// A request for a certificate (PKCS #10, RFC 2986) over an SM2 key that somebody else holds: its bytes to be signed, then the whole.
public struct CertificateRequest: Hashable, Sendable {
    /// A part of the subject's name.
    public enum NamePart: Hashable, Sendable {
        /// Country, two letters.
        case country(String)
        /// Place, such as an area code.
        case locality(String)
        /// Common name.
        case commonName(String)
        /// Serial number, such as a citizen number.
        case serialNumber(String)

        private var identifier: [UInt8] {
            // 2.5.4.x
            switch self {
            case .country: [0x55, 0x04, 0x06]
            case .locality: [0x55, 0x04, 0x07]
            case .commonName: [0x55, 0x04, 0x03]
            case .serialNumber: [0x55, 0x04, 0x05]
            }
        }

        /// What a PrintableString may hold besides letters and digits (X.680 §41.4).
        private static let printableMarks = Set(" '()+,-./:=?".utf8)

        private var isPrintable: Bool {
            text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: Self.printableMarks.contains(byte)
                }
            }
        }

        private var text: String {
            switch self {
            case .country(let text), .serialNumber(let text), .locality(let text), .commonName(let text): text
            }
        }

        /// How many characters there may be (X.520, upper bounds).
        private var lengths: ClosedRange<Int> {
            switch self {
            case .country: 2...2
            case .locality: 1...128
            case .commonName, .serialNumber: 1...64
            }
        }

        fileprivate func der() throws(CryptographyError) -> [UInt8] {
            guard lengths.contains(text.unicodeScalars.count) else { throw .malformedName }
            // countryName and serialNumber are PrintableString, the others UTF8String
            let value: [UInt8]
            switch self {
            case .country, .serialNumber:
                guard isPrintable else { throw .malformedName }
                value = DER.tagged(0x13, Array(text.utf8))
            case .locality, .commonName: value = DER.tagged(0x0C, Array(text.utf8))
            }
            return DER.tagged(0x31, DER.sequence(DER.tagged(0x06, identifier), value))
        }
    }

    /// CertificationRequestInfo: what the key signs, under the identifier `1234567812345678`.
    public let signedBytes: [UInt8]

    /// The request of a subject for a key.
    ///
    /// - Throws: `malformedName` for a part of the name that is too short or too long, and for country or serial number with a character
    ///   that certificates do not have there.
    public init(_ subject: [NamePart], key: SM2.VerificationKey) throws(CryptographyError) {
        var parts: [UInt8] = []
        for part in subject { parts += try part.der() }
        let name = DER.tagged(0x30, parts)
        signedBytes = DER.sequence(DER.integer([0]), name, try key.der(), DER.tagged(0xA0, []))
    }

    /// The whole request in PEM, with the signature (r ‖ s) over ``signedBytes``.
    ///
    /// - Throws: `malformedSignature` for one of another length.
    public func pem(signature: [UInt8]) throws(CryptographyError) -> String {
        // SM2 with SM3: 1.2.156.10197.1.501
        let algorithm = DER.sequence(DER.tagged(0x06, [0x2A, 0x81, 0x1C, 0xCF, 0x55, 0x01, 0x83, 0x75]))
        let bits = DER.tagged(0x03, [0x00] + (try SM2.derSignature(signature)))
        return PEM.text(DER.sequence(signedBytes, algorithm, bits), label: "CERTIFICATE REQUEST")
    }
}

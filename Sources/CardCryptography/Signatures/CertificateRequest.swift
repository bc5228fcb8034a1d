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

        fileprivate var der: [UInt8] {
            // countryName and serialNumber are PrintableString, the others UTF8String
            let value: [UInt8] =
                switch self {
                case .country(let text), .serialNumber(let text): DER.tagged(0x13, Array(text.utf8))
                case .locality(let text), .commonName(let text): DER.tagged(0x0C, Array(text.utf8))
                }
            return DER.tagged(0x31, DER.sequence(DER.tagged(0x06, identifier), value))
        }
    }

    /// CertificationRequestInfo: what the key signs, under the identifier `1234567812345678`.
    public let signedBytes: [UInt8]

    /// The request of a subject for a key.
    public init(_ subject: [NamePart], key: SM2.VerificationKey) throws(CryptographyError) {
        let name = DER.tagged(0x30, subject.flatMap(\.der))
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

/// The numbers of SM2 as certificates and other programs write them, DER of any length, and as cards and modules want them, 32 bytes
/// each.
extension SM2 {
    /// e = SM3(Z ‖ message), 32 bytes: what is signed under an identifier.
    ///
    /// - Throws: `malformedKey` for a point that is none, `wrongLength` for the identifier as in signing.
    public static func messageDigest(
        _ message: [UInt8], identifier: [UInt8], point: [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        let identity = try identityDigest(identifier, point: point)
        return try HashFunction.sm3.hash(identity + message)
    }

    /// Bytes of a number of the curve.
    static let width = 32

    /// A signature as certificates have it, SEQUENCE{r, s}, from r ‖ s of 64 bytes.
    ///
    /// - Throws: `malformedSignature` for another length.
    public static func derSignature(_ raw: [UInt8]) throws(CryptographyError) -> [UInt8] {
        guard raw.count == 2 * width else { throw .malformedSignature }
        return DER.sequence(DER.integer(raw.prefix(width)), DER.integer(raw.suffix(width)))
    }

    /// r ‖ s, 64 bytes, from SEQUENCE{r, s}.
    ///
    /// - Throws: `malformedSignature` for what is no such sequence in DER.
    public static func rawSignature(_ der: [UInt8]) throws(CryptographyError) -> [UInt8] {
        var outer = DERReader(der)
        guard let content = outer.content(0x30), outer.isAtEnd else { throw .malformedSignature }
        var inner = DERReader(content)
        guard let r = inner.number(), let s = inner.number(), inner.isAtEnd else { throw .malformedSignature }
        return r + s
    }

    /// 04 ‖ x ‖ y ‖ C3 ‖ C2 out of SEQUENCE{x, y, C3, C2}, whose numbers may be short or have a zero in front.
    ///
    /// - Throws: `notAuthentic` for anything else.
    public static func rawCipherText(_ der: [UInt8]) throws(CryptographyError) -> [UInt8] {
        var reader = DERReader(der)
        guard let content = reader.content(0x30), reader.isAtEnd else { throw .notAuthentic }
        var body = DERReader(content)
        guard let x = body.number(), let y = body.number(), let hash = body.content(0x04), hash.count == width,
            let text = body.content(0x04), !text.isEmpty, body.isAtEnd
        else { throw .notAuthentic }
        return [4] + x + y + hash + text
    }

    /// SEQUENCE{x, y, C3, C2} out of 04 ‖ x ‖ y ‖ C3 ‖ C2.
    ///
    /// - Throws: `wrongLength` for less than 98 bytes, `notAuthentic` for another point form.
    public static func derCipherText(_ raw: [UInt8]) throws(CryptographyError) -> [UInt8] {
        guard raw.count > 97 else { throw .wrongLength("cipher text", raw.count) }
        guard raw[0] == 4 else { throw .notAuthentic }
        return DER.sequence(
            DER.integer(raw[1..<33]), DER.integer(raw[33..<65]), DER.tagged(0x04, raw[65..<97]),
            DER.tagged(0x04, raw[97...]))
    }
}

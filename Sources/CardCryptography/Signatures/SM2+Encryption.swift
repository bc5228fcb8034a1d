import COpenSSL

/// Enciphering under a public SM2 key (GM/T 0003.4), in the form of cards and hardware modules: 04 ‖ x ‖ y ‖ C3 ‖ C2, the point and
/// hash of fixed length.
extension SM2.VerificationKey {
    /// Enciphers a message of 1…4096 bytes; the same message never twice alike.
    ///
    /// - Throws: `wrongLength` for other lengths.
    public func encrypt(_ message: borrowing SecretBytes) throws(CryptographyError) -> [UInt8] {
        guard (1...4096).contains(message.count) else { throw .wrongLength("message", message.count) }
        let der = try message.withSpan { span throws(CryptographyError) in try key.encrypt(span) }
        return try SM2.rawCipherText(der)
    }
}

extension SM2.SigningKey {
    /// Deciphers what was enciphered under the public part.
    ///
    /// - Throws: `notAuthentic` for what was altered or enciphered for another key, `wrongLength` for what is too short.
    public func decrypt(_ cipherText: [UInt8]) throws(CryptographyError) -> SecretBytes {
        try key.decrypt(SM2.derCipherText(cipherText))
    }
}

extension SM2 {
    /// 04 ‖ x ‖ y ‖ C3 ‖ C2 out of SEQUENCE{x, y, C3, C2}, whose numbers may be short or have a zero in front.
    ///
    /// - Throws: `notAuthentic` for anything else.
    public static func rawCipherText(_ der: [UInt8]) throws(CryptographyError) -> [UInt8] {
        var reader = DERReader(der[...])
        guard var body = reader.take(0x30), reader.isAtEnd, let x = body.number(), let y = body.number(),
            let hash = body.take(0x04)?.rest, hash.count == 32, let text = body.take(0x04)?.rest, !text.isEmpty,
            body.isAtEnd
        else { throw .notAuthentic }
        return [4] + x + y + hash + text
    }

    /// SEQUENCE{x, y, C3, C2} out of 04 ‖ x ‖ y ‖ C3 ‖ C2.
    ///
    /// - Throws: `wrongLength` for less than 98 bytes, `notAuthentic` for another point form.
    public static func derCipherText(_ raw: [UInt8]) throws(CryptographyError) -> [UInt8] {
        guard raw.count > 97 else { throw .wrongLength("cipher text", raw.count) }
        guard raw[0] == 4 else { throw .notAuthentic }
        func number(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
            let short = Array(bytes.drop { $0 == 0 })
            return tagged(0x02, (short.first ?? 0x80) < 0x80 ? short : [0] + short)
        }
        return tagged(
            0x30, number(raw[1..<33]) + number(raw[33..<65]) + tagged(0x04, raw[65..<97]) + tagged(0x04, raw[97...]))
    }

    private static func tagged(_ tag: UInt8, _ content: some Collection<UInt8>) -> [UInt8] {
        let count = content.count
        let length: [UInt8] =
            count < 0x80
            ? [UInt8(count)]
            : count < 0x100
                ? [0x81, UInt8(count)] : [0x82, UInt8(truncatingIfNeeded: count >> 8), UInt8(count & 0xFF)]
        return [tag] + length + content
    }
}

/// As much of DER as a cipher text needs: definite lengths, octets, and numbers of 32 bytes.
private struct DERReader {
    private(set) var rest: [UInt8]

    init(_ bytes: some Collection<UInt8>) { rest = Array(bytes) }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ tag: UInt8) -> DERReader? {
        guard rest.count >= 2, rest[0] == tag else { return nil }
        var count = Int(rest[1])
        var start = 2
        if count >= 0x80 {
            let digits = count & 0x7F
            guard (1...2).contains(digits), rest.count >= 2 + digits else { return nil }
            count = rest[2..<2 + digits].reduce(0) { $0 << 8 | Int($1) }
            start += digits
        }
        guard rest.count >= start + count else { return nil }
        let content = DERReader(rest[start..<start + count])
        rest.removeFirst(start + count)
        return content
    }

    /// A number filled up on the left to 32 bytes.
    mutating func number() -> [UInt8]? {
        guard let digits = take(0x02)?.rest.drop(while: { $0 == 0 }), digits.count <= 32 else { return nil }
        return [UInt8](repeating: 0, count: 32 - digits.count) + digits
    }
}

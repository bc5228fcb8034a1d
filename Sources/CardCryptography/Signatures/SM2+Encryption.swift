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

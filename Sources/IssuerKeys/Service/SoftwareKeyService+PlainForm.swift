import CardCryptography

/// INTERNAL AUTHENTICATE as the manuals of plain cards have it.
extension SoftwareKeyService {
    /// E(K, challenge) under 3DES; refuses zeros, and SM4, whose plain form nobody has published.
    public func verifyPlainInternalAuthentication(
        answer: [UInt8], with key: CardKeyReference, of card: CardKeyContext, challenge: [UInt8]
    ) throws(CardKeyError) -> Bool {
        try refuseZeros(challenge)
        guard challenge.count == 8 else { throw .wrongLength("challenge", challenge.count) }
        let key = try cardKey(key, for: .internalAuthentication, of: card)
        guard key.cipher == .tripleDES else { throw .serviceFailed("plain INTERNAL AUTHENTICATE is 3DES only") }
        let cipher = key.cipher
        let expected = try key.use { span throws(CryptographyError) in
            try CardCryptogram.plainCryptogram(span, cipher: cipher, challenge: challenge)
        }
        return constantTimeEqual(answer, expected)
    }
}

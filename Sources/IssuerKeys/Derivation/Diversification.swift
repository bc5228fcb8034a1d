public import CardCryptography

/// How a key of one level becomes a key of the next (card.md §3.3).
///
/// | cipher | derived key |
/// |---|---|
/// | 3DES | E(K, F) ‖ E(K, NOT F) |
/// | SM4, AES-128 | E(K, F ‖ NOT F), one block |
///
/// The 3DES row is published with numbers. The SM4 row is stated in words by one source; its numbers are agreed only between two
/// independent implementations. AES has the form of every cipher with blocks of 16 bytes; no card has AES keys.
public enum Diversification {
    /// Derives the key of one factor from a master that is kept ready; 16 bytes.
    public static func derive(
        from master: borrowing BlockCipherKey, factor: DiversificationFactor, parity: KeyParity = .none
    ) throws(CryptographyError) -> SecretBytes {
        let cipher = master.cipher
        guard cipher == .tripleDES || cipher == .sm4 || cipher == .aes128 else {
            throw .wrongLength("key", cipher.keyLength)
        }
        // both halves of a 3DES key are blocks of their own, other keys are one block of the same 16 bytes
        let key = try master.encryptSecret(factor.block)
        guard cipher == .tripleDES, parity != .none else { return key }
        return key.withSpan { key in
            SecretBytes.filling(count: 16) { span in
                for index in key.indices { span[index] = key[index] }
                parity.apply(to: &span)
            }
        }
    }

    /// Derives a key through several levels, the factor of the highest level first.
    ///
    /// - Returns: A copy of the master when there are no factors.
    public static func derive(
        from master: borrowing SecretBytes, cipher: CardCipher, factors: [DiversificationFactor],
        parity: KeyParity = .none
    ) throws(CryptographyError) -> SecretBytes {
        try derive(
            from: master, masterCipher: cipher == .sm4 ? .sm4 : .tripleDES, factors: factors, parity: parity)
    }

    /// Derives a master key, of whatever algorithm, through several levels.
    static func derive(
        from master: borrowing SecretBytes, masterCipher: BlockCipher, factors: [DiversificationFactor],
        parity: KeyParity
    ) throws(CryptographyError) -> SecretBytes {
        var key = master.withSpan { SecretBytes(copying: $0) }
        for factor in factors {
            key = try key.withSpan { span throws(CryptographyError) in
                try derive(from: BlockCipherKey(masterCipher, span), factor: factor, parity: parity)
            }
        }
        return key
    }
}

/// The MACs of card commands.
extension CardCryptogram {
    /// The initial value of a command's MAC: the challenge, filled up with zeros to a block (4 or 8 bytes of challenge; 16 with SM4).
    ///
    /// - Throws: `wrongLength` for another challenge. An empty challenge stands for an initial value of zeros.
    public static func initialValue(
        challenge: [UInt8], cipher: CardCipher
    ) throws(CryptographyError) -> [UInt8] {
        guard [0, 4, 8, 16].contains(challenge.count), challenge.count <= cipher.blockLength else {
            throw .wrongLength("challenge", challenge.count)
        }
        return zeroPadded(challenge, to: cipher.blockLength)
    }

    /// The 4-byte MAC of a command or answer; the message is always padded with 80 00…, by a whole block when it already fills its
    /// blocks.
    ///
    /// 8-byte key: single-DES CBC-MAC. 16-byte DES key: retail MAC. SM4: CBC-MAC, the cipher's plain form. Always the leftmost 4
    /// bytes; what a card's profile says otherwise of SM4 is in ``LineProtection``.
    /// - Parameters:
    ///   - initialValue: One block.
    ///   - message: CLA INS P1 P2 Lc ‖ data, where Lc counts the MAC's 4 bytes too; without padding.
    public static func commandMAC(
        _ key: Span<UInt8>, cipher: CardCipher, initialValue: [UInt8], message: [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        try commandMAC(cipher.key(key), initialValue: initialValue, message: message)
    }

    /// The 4-byte MAC of a command or answer, under a key that is kept ready.
    ///
    /// - Parameter initialValue: One block; nil for zeros.
    static func commandMAC(
        _ key: borrowing BlockCipherKey, initialValue: [UInt8]?, message: [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        try [UInt8](first: 4, of: commandMACBlock(key, initialValue: initialValue, message: message, padding: .bit))
    }

    /// The block of which the left bytes are the MAC of a command or answer.
    static func commandMACBlock(
        _ key: borrowing BlockCipherKey, initialValue: [UInt8]?, message: [UInt8], padding: MACPadding
    ) throws(CryptographyError) -> [16 of UInt8] {
        try key.cipher == .tripleDES
            ? BlockCipherMAC.retailMAC(key, message.span, padding, initialValue)
            : BlockCipherMAC.chain(key, message.span, padding, initialValue)
    }

    /// The 4-byte MAC of a command or answer, under a key given as bytes.
    public static func commandMAC(
        key: [UInt8], cipher: CardCipher, initialValue: [UInt8], message: [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        try commandMAC(key.span, cipher: cipher, initialValue: initialValue, message: message)
    }

    /// Bytes of the MAC of RELOAD PIN.
    public static let reloadMACLength = 4

    /// The 4-byte MAC of RELOAD PIN (`80 5E 00`): the folded MAC over the PIN's bytes alone.
    ///
    /// - Throws: `wrongLength` for a key of other than 16 bytes.
    public static func reloadMAC(_ key: Span<UInt8>, pin: [UInt8]) throws(CryptographyError) -> [UInt8] {
        try foldedMAC(key, message: pin)
    }

    /// A 4-byte MAC with an initial value of zeros by single DES under the left half of a key XOR its right half, which stands over
    /// PINs that are loaded anew and, as TAC, over transactions (cos-dialects §5, §6.6).
    ///
    /// - Throws: `wrongLength` for a key of other than 16 bytes.
    public static func foldedMAC(_ key: Span<UInt8>, message: [UInt8]) throws(CryptographyError) -> [UInt8] {
        guard key.count == 16 else { throw .wrongLength("key", key.count) }
        let folded = SecretBytes.filling(count: 8) { span in
            for index in span.indices { span[index] = key[index] ^ key[index + 8] }
        }
        return try folded.withSpan { folded throws(CryptographyError) in
            try commandMAC(folded, cipher: .tripleDES, initialValue: [UInt8](repeating: 0, count: 8), message: message)
        }
    }

    /// A folded MAC, under a key given as bytes.
    public static func foldedMAC(key: [UInt8], message: [UInt8]) throws(CryptographyError) -> [UInt8] {
        try foldedMAC(key.span, message: message)
    }

    /// The 4-byte MAC of RELOAD PIN, under a key given as bytes.
    public static func reloadMAC(key: [UInt8], pin: [UInt8]) throws(CryptographyError) -> [UInt8] {
        try reloadMAC(key.span, pin: pin)
    }
}

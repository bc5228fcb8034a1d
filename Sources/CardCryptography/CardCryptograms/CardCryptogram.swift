/// What a card and the outside compute alike with a card's key: cryptograms, command MACs, enciphered command data.
///
/// Both sides of the interface use these functions, the issuer's key service and the virtual card; none of them knows which key
/// is for what.
public enum CardCryptogram {
    /// The forms in which card operating systems build session cryptograms.
    public struct Form: Hashable, Sendable {
        /// Bytes of a 3DES session key: 8 (single DES) or 16 (two halves); those of SM4 always have 16.
        public let sessionKeyWidth: Int
        /// True when SM4 challenges and cryptograms are whole 16-byte blocks; else they are 8 bytes.
        public let fullSM4Block: Bool
        /// How eight bytes fill blocks of SM4.
        public let blocks: SM4Blocks

        /// A form from its parts.
        public init(sessionKeyWidth: Int = 8, fullSM4Block: Bool = false, blocks: SM4Blocks = .usual) {
            self.sessionKeyWidth = sessionKeyWidth
            self.fullSM4Block = fullSM4Block
            self.blocks = blocks
        }
    }

    /// Bytes of the session factor, of the original information and of the cryptogram: 8, or 16 for SM4 in full form.
    public static func challengeLength(cipher: CardCipher, form: Form) -> Int {
        cipher == .sm4 && form.fullSM4Block ? 16 : 8
    }

    /// The session (process) key of an authentication.
    ///
    /// | cipher, form | session key |
    /// |---|---|
    /// | 3DES, width 8 | E(K, F), a single-DES key |
    /// | 3DES, width 16 | E(K, F) ‖ E(K, NOT F) |
    /// | SM4, 8-byte challenges | SM4(K, F ‖ NOT F) or SM4(K, F ‖ 00×8), as ``SM4Blocks/sessionKey`` has it |
    /// | SM4, 16-byte challenges | SM4(K, F) |
    ///
    /// The DES rows are published; the SM4 rows are inferred.
    /// - Throws: `wrongLength` for a key, factor or width that does not fit.
    public static func sessionKey(
        _ key: Span<UInt8>, cipher: CardCipher, factor: [UInt8], form: Form
    ) throws(CryptographyError) -> SecretBytes {
        let expanded = try cipher.key(key)
        return try sessionKey(expanded, factor: factor, form: form)
    }

    /// The session key, under a key that is kept ready.
    public static func sessionKey(
        _ key: borrowing BlockCipherKey, factor: [UInt8], form: Form
    ) throws(CryptographyError) -> SecretBytes {
        let isSM4 = key.cipher == .sm4
        let expected = isSM4 && form.fullSM4Block ? 16 : 8
        guard factor.count == expected else { throw .wrongLength("session factor", factor.count) }
        let width = isSM4 ? 16 : form.sessionKeyWidth
        guard width == 8 || width == 16 else { throw .wrongLength("session key", width) }
        return try SecretBytes.filling(count: width) { (span: inout MutableSpan<UInt8>) throws(CryptographyError) in
            guard factor.count < width else { return try key.encrypt(factor.span, into: &span) }
            guard !isSM4 || form.blocks.sessionKey == .complemented else {
                return try key.encrypt(form.blocks.sessionKey.block(factor).span, into: &span)
            }
            try key.encrypt(complemented(factor).span, into: &span)
        }
    }

    /// X of EXTERNAL and INTERNAL AUTHENTICATE in the social-security form, 8 bytes, or 16 for SM4 in full form:
    /// E(SK, Y); SM4 with 8-byte challenges takes the left 8 of SM4(SK, block of Y), which ``SM4Blocks/original`` tells.
    ///
    /// - Parameters:
    ///   - factor: The session factor, which makes the session key.
    ///   - original: Y, the original information.
    /// - Throws: `wrongLength` for a key, factor, original or width that does not fit.
    public static func sessionCryptogram(
        _ key: Span<UInt8>, cipher: CardCipher, factor: [UInt8], original: [UInt8], form: Form
    ) throws(CryptographyError) -> [UInt8] {
        guard original.count == factor.count else { throw .wrongLength("original information", original.count) }
        var key = try cipher.key(key)
        try key.becomeSessionKey(of: cipher, factor: factor, form: form)
        guard original.count < cipher.blockLength else { return try key.encrypt(original) }
        return try Array(key.encrypt(form.blocks.original.block(original)).prefix(original.count))
    }

    /// The cryptogram over one challenge without a session key, 8 bytes: E(K, RND).
    ///
    /// A challenge of 4 bytes is filled up with zeros to 8. SM4 takes the left 8 of SM4(K, block of RND), which
    /// ``SM4Blocks/plainChallenge`` tells.
    /// - Throws: `wrongLength` for a challenge that has not 4 or 8 bytes.
    public static func plainCryptogram(
        _ key: Span<UInt8>, cipher: CardCipher, challenge: [UInt8], blocks: SM4Blocks = .usual
    ) throws(CryptographyError) -> [UInt8] {
        let expanded = try cipher.key(key)
        return try plainCryptogram(expanded, challenge: challenge, blocks: blocks)
    }

    /// The cryptogram over one challenge, under a key that is kept ready.
    public static func plainCryptogram(
        _ key: borrowing BlockCipherKey, challenge: [UInt8], blocks: SM4Blocks = .usual
    ) throws(CryptographyError) -> [UInt8] {
        guard challenge.count == 4 || challenge.count == 8 else { throw .wrongLength("challenge", challenge.count) }
        let left = zeroPadded(challenge, to: 8)
        guard key.cipher.blockLength == 16 else { return try key.encrypt(left) }
        return try Array(key.encrypt(blocks.plainChallenge.block(left)).prefix(8))
    }

    /// Eight bytes, then the same with every bit turned.
    private static func complemented(_ bytes: [UInt8]) -> [16 of UInt8] {
        [16 of UInt8] { index in index < 8 ? bytes[index] : ~bytes[index - 8] }
    }

    /// E(K, block): one block of the cipher.
    ///
    /// - Throws: `wrongLength` for what is no block.
    public static func block(
        _ key: Span<UInt8>, cipher: CardCipher, _ block: [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        guard block.count == cipher.blockLength else { throw .wrongLength("block", block.count) }
        return try cipher.key(key).encrypt(block)
    }

    /// Bytes filled up with zeros to `count`.
    static func zeroPadded(_ bytes: [UInt8], to count: Int) -> [UInt8] {
        bytes + [UInt8](repeating: 0, count: max(0, count - bytes.count))
    }
}

extension BlockCipherKey {
    /// Puts the session key that the key makes of a factor in its place.
    mutating func becomeSessionKey(
        of cipher: CardCipher, factor: [UInt8], form: CardCryptogram.Form
    ) throws(CryptographyError) {
        let session = try CardCryptogram.sessionKey(self, factor: factor, form: form)
        if session.count == self.cipher.keyLength {
            try session.withSpan { session throws(CryptographyError) in try replace(with: session) }
        } else {
            self = try session.withSpan { session throws(CryptographyError) in try cipher.key(session) }
        }
    }
}

// MARK: - With keys as plain arrays, for cards whose keys came by command

extension CardCryptogram {
    /// X, under a key given as bytes.
    public static func sessionCryptogram(
        key: [UInt8], cipher: CardCipher, factor: [UInt8], original: [UInt8], form: Form
    ) throws(CryptographyError) -> [UInt8] {
        try sessionCryptogram(key.span, cipher: cipher, factor: factor, original: original, form: form)
    }

    /// The session key, under a key given as bytes.
    public static func sessionKey(
        key: [UInt8], cipher: CardCipher, factor: [UInt8], form: Form
    ) throws(CryptographyError) -> [UInt8] {
        try sessionKey(key.span, cipher: cipher, factor: factor, form: form).unprotectedCopy()
    }

    /// The cryptogram over one challenge, under a key given as bytes.
    public static func plainCryptogram(
        key: [UInt8], cipher: CardCipher, challenge: [UInt8], blocks: SM4Blocks = .usual
    ) throws(CryptographyError) -> [UInt8] {
        try plainCryptogram(key.span, cipher: cipher, challenge: challenge, blocks: blocks)
    }
}

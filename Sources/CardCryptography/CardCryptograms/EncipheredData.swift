/// The enciphered data of card commands: LD ‖ plain ‖ 80 00…, block by block.
extension CardCryptogram {
    /// Enciphers a command's data: one byte with the length, the data, then 80 00… only when that does not fill its blocks; ECB.
    ///
    /// - Throws: `wrongLength` for more than 255 bytes.
    public static func encipher(
        _ key: Span<UInt8>, cipher: CardCipher, plain: Span<UInt8>
    ) throws(CryptographyError) -> [UInt8] {
        try encipher(cipher.key(key), plain: plain, isCounted: true, isAlwaysPadded: false)
    }

    /// Enciphers data with or without the byte that tells its length, under a key that is kept ready.
    ///
    /// - Parameter isAlwaysPadded: 80 00… fills a block of its own where the data fills its blocks.
    static func encipher(
        _ key: borrowing BlockCipherKey, plain: Span<UInt8>, isCounted: Bool, isAlwaysPadded: Bool
    ) throws(CryptographyError) -> [UInt8] {
        guard plain.count <= 255 else { throw .wrongLength("data", plain.count) }
        let block = key.cipher.blockLength
        let start = isCounted ? 1 : 0
        let filled = (plain.count + start + (isAlwaysPadded ? block : block - 1)) / block * block
        let padded = SecretBytes.filling(count: filled) { span in
            if isCounted { span[0] = UInt8(plain.count) }
            for index in plain.indices { span[index + start] = plain[index] }
            if plain.count + start < filled { span[plain.count + start] = 0x80 }
        }
        var output = [UInt8](repeating: 0, count: filled)
        var span = output.mutableSpan
        try padded.withSpan { input throws(CryptographyError) in try key.encrypt(input, into: &span) }
        return output
    }

    /// Enciphers a command's data, under a key given as bytes.
    public static func encipher(
        key: [UInt8], cipher: CardCipher, plain: [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        try encipher(key.span, cipher: cipher, plain: plain.span)
    }

    /// Takes the data out of what `encipher` made, under a key given as bytes.
    ///
    /// - Throws: `wrongLength` when there are no whole blocks; `malformedPlaintext` when length byte or padding is not as it must be.
    public static func decipher(
        key: [UInt8], cipher: CardCipher, enciphered: [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        try decipher(cipher.key(key.span), enciphered: enciphered)
    }

    /// Takes the data out of what `encipher` made, under a key that is kept ready.
    ///
    /// - Parameters:
    ///   - bareLength: how many bytes the data has where no byte tells it; nil where one does.
    ///   - isAlwaysPadded: 80 00… stands behind the data even where that fills its blocks.
    /// - Throws: as above.
    static func decipher(
        _ key: borrowing BlockCipherKey, enciphered: [UInt8], bareLength: Int? = nil, isAlwaysPadded: Bool = false
    ) throws(CryptographyError) -> [UInt8] {
        guard !enciphered.isEmpty else { throw .wrongLength("enciphered data", 0) }
        let padded = try key.decrypt(enciphered)
        let start = bareLength == nil ? 1 : 0
        let end = start + (bareLength ?? Int(padded[0]))
        guard end <= padded.count, padded.count - end <= key.cipher.blockLength - (isAlwaysPadded ? 0 : 1),
            (end == padded.count && !isAlwaysPadded)
                || (end < padded.count && padded[end] == 0x80 && padded[(end + 1)...].allSatisfy { $0 == 0 })
        else { throw .malformedPlaintext }
        return Array(padded[start..<end])
    }
}

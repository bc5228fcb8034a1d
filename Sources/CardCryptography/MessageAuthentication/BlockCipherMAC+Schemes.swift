/// The schemes of GB/T 15852.1-2020 (ISO/IEC 9797-1) that no card uses: kept so that values from elsewhere can be checked.
extension BlockCipherMAC {
    /// Scheme 2, EMAC: the last block of the chain, enciphered under a second key.
    public static func emac(
        _ first: borrowing BlockCipherKey, _ second: borrowing BlockCipherKey, _ message: [UInt8], padding: MACPadding
    ) throws(CryptographyError) -> [UInt8] {
        try second.encrypt(cbcMAC(first, message, padding: padding))
    }

    /// Scheme 4, MacDES: the first block is enciphered twice, the last one too; the third key is the second with every other four
    /// bits turned round (XOR F0).
    public static func macDES(
        _ first: borrowing BlockCipherKey, second secondBytes: [UInt8], _ message: [UInt8], padding: MACPadding
    ) throws(CryptographyError) -> [UInt8] {
        let second = try BlockCipherKey(first.cipher, secondBytes)
        let third = try BlockCipherKey(first.cipher, secondBytes.map { $0 ^ 0xF0 })
        let length = first.cipher.blockLength
        let padded = padding.apply(to: message.span, block: length)
        var chain = try third.encrypt(first.encrypt(Array(padded.prefix(length))))
        for start in stride(from: length, to: padded.count, by: length) {
            chain = try first.encrypt(zip(chain, padded[start...]).map { $0 ^ $1 })
        }
        return try second.encrypt(chain)
    }

    /// Scheme 6, LMAC: the chain's last block is enciphered under a key of its own; both keys are the message key's encipherment of
    /// the numbers 1 and 2.
    public static func lmac(
        _ key: borrowing BlockCipherKey, _ message: [UInt8], padding: MACPadding
    ) throws(CryptographyError) -> [UInt8] {
        let length = key.cipher.blockLength
        let first = try derivedKey(key, number: 1)
        let last = try derivedKey(key, number: 2)
        let padded = padding.apply(to: message.span, block: length)
        var chain = [UInt8](repeating: 0, count: length)
        for start in stride(from: 0, to: padded.count, by: length) {
            let mixed = zip(chain, padded[start...]).map { $0 ^ $1 }
            chain = try start + length == padded.count ? last.encrypt(mixed) : first.encrypt(mixed)
        }
        return chain
    }

    /// Scheme 7, TrCBC: half a block, the left one when the message filled its blocks, else the right one; padded only when it did
    /// not.
    public static func trCBC(
        _ key: borrowing BlockCipherKey, _ message: [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        let length = key.cipher.blockLength
        let isFull = fillsBlocks(message, length)
        let block = try cbcMAC(key, message, padding: isFull ? .zeros : .bit)
        return Array(isFull ? block.prefix(length / 2) : block.suffix(length / 2))
    }

    /// Scheme 8, CBCR: the chain begins with the zero block enciphered; the last block, before it is enciphered, is turned right by one
    /// bit when the message filled its blocks, else shifted left by one bit, whose top bit is lost, as the standard's example of the
    /// empty message has it; padded only when it did not fill them.
    public static func cbcr(
        _ key: borrowing BlockCipherKey, _ message: [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        let length = key.cipher.blockLength
        let isFull = fillsBlocks(message, length)
        let padded = (isFull ? MACPadding.zeros : .bit).apply(to: message.span, block: length)
        var chain = try key.encrypt([UInt8](repeating: 0, count: length))
        for start in stride(from: 0, to: padded.count, by: length) {
            var mixed = zip(chain, padded[start...]).map { $0 ^ $1 }
            if start + length == padded.count { mixed = isFull ? turnedRight(mixed) : shiftedLeft(mixed) }
            chain = try key.encrypt(mixed)
        }
        return chain
    }

    private static func fillsBlocks(_ message: [UInt8], _ length: Int) -> Bool {
        !message.isEmpty && message.count.isMultiple(of: length)
    }

    private static func derivedKey(
        _ key: borrowing BlockCipherKey, number: UInt8
    ) throws(CryptographyError) -> BlockCipherKey {
        let length = key.cipher.blockLength
        return try BlockCipherKey(key.cipher, key.encrypt([UInt8](repeating: 0, count: length - 1) + [number]))
    }

    private static func turnedRight(_ block: [UInt8]) -> [UInt8] {
        block.indices.map { index in block[index] >> 1 | block[(index + block.count - 1) % block.count] << 7 }
    }

    private static func shiftedLeft(_ block: [UInt8]) -> [UInt8] {
        block.indices.map { index in block[index] << 1 | (index + 1 < block.count ? block[index + 1] >> 7 : 0) }
    }
}

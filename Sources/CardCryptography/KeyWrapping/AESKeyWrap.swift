/// AES key wrap (RFC 3394) and key wrap with padding (RFC 5649): how keys travel under another AES key where no key block is agreed.
public enum AESKeyWrap {
    private static let initialValue = [UInt8](repeating: 0xA6, count: 8)
    private static let paddedPrefix: [UInt8] = [0xA6, 0x59, 0x59, 0xA6]

    /// Wraps bytes of whole 8-byte halves, two at least, into 8 bytes more.
    ///
    /// - Throws: `wrongLength` for other lengths, or for a key that is none of AES.
    public static func wrap(_ plain: [UInt8], under key: borrowing BlockCipherKey) throws(CryptographyError) -> [UInt8]
    {
        try check(key)
        guard plain.count >= 16, plain.count.isMultiple(of: 8) else { throw .wrongLength("wrapped key", plain.count) }
        return try mix(initialValue + plain, under: key)
    }

    /// The bytes that were wrapped.
    ///
    /// - Throws: `notAuthentic` for what this key did not wrap, `wrongLength` as ``wrap(_:under:)``.
    public static func unwrap(
        _ wrapped: [UInt8], under key: borrowing BlockCipherKey
    ) throws(CryptographyError) -> [UInt8] {
        try check(key)
        guard wrapped.count >= 24, wrapped.count.isMultiple(of: 8) else {
            throw .wrongLength("wrapped key", wrapped.count)
        }
        let mixed = try unmix(wrapped, under: key)
        guard constantTimeEqual(Array(mixed.prefix(8)), initialValue) else { throw .notAuthentic }
        return Array(mixed.dropFirst(8))
    }

    /// Wraps bytes of any length from one on, filled up with zeros.
    ///
    /// - Throws: `wrongLength` for no bytes or a key that is none of AES.
    public static func wrapPadded(
        _ plain: [UInt8], under key: borrowing BlockCipherKey
    ) throws(CryptographyError) -> [UInt8] {
        try check(key)
        guard !plain.isEmpty, let length = UInt32(exactly: plain.count) else {
            throw .wrongLength("wrapped key", plain.count)
        }
        let filled = plain + [UInt8](repeating: 0, count: (8 - plain.count % 8) % 8)
        let head = paddedPrefix + (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * UInt32($0))) }
        return try filled.count == 8 ? key.encrypt(head + filled) : mix(head + filled, under: key)
    }

    /// The bytes that were wrapped with padding.
    ///
    /// - Throws: `notAuthentic` for what this key did not wrap, `wrongLength` for lengths that no wrapping has.
    public static func unwrapPadded(
        _ wrapped: [UInt8], under key: borrowing BlockCipherKey
    ) throws(CryptographyError) -> [UInt8] {
        try check(key)
        guard wrapped.count >= 16, wrapped.count.isMultiple(of: 8) else {
            throw .wrongLength("wrapped key", wrapped.count)
        }
        let mixed = try wrapped.count == 16 ? key.decrypt(wrapped) : unmix(wrapped, under: key)
        let length = mixed[4..<8].reduce(0) { $0 << 8 | Int($1) }
        let filled = mixed.count - 8
        guard constantTimeEqual(Array(mixed.prefix(4)), paddedPrefix), length > filled - 8, length <= filled,
            mixed.dropFirst(8 + length).allSatisfy({ $0 == 0 })
        else { throw .notAuthentic }
        return Array(mixed[8..<8 + length])
    }

    private static func check(_ key: borrowing BlockCipherKey) throws(CryptographyError) {
        guard [.aes128, .aes192, .aes256].contains(key.cipher) else {
            throw .wrongLength("wrapping key", key.cipher.keyLength)
        }
    }

    /// Six rounds over all halves; the first half is the check value.
    private static func mix(_ input: [UInt8], under key: borrowing BlockCipherKey) throws(CryptographyError) -> [UInt8]
    {
        var halves = input
        let count = input.count / 8 - 1
        for step in 1...6 * count {
            let at = 8 * ((step - 1) % count + 1)
            let block = try key.encrypt(Array(halves[0..<8] + halves[at..<at + 8]))
            halves.replaceSubrange(0..<8, with: counted(block.prefix(8), step))
            halves.replaceSubrange(at..<at + 8, with: block.suffix(8))
        }
        return halves
    }

    private static func unmix(
        _ input: [UInt8], under key: borrowing BlockCipherKey
    ) throws(CryptographyError) -> [UInt8] {
        var halves = input
        let count = input.count / 8 - 1
        for step in (1...6 * count).reversed() {
            let at = 8 * ((step - 1) % count + 1)
            let block = try key.decrypt(counted(halves[0..<8], step) + halves[at..<at + 8])
            halves.replaceSubrange(0..<8, with: block.prefix(8))
            halves.replaceSubrange(at..<at + 8, with: block.suffix(8))
        }
        return halves
    }

    private static func counted(_ half: ArraySlice<UInt8>, _ step: Int) -> [UInt8] {
        half.enumerated().map { index, byte in byte ^ UInt8(truncatingIfNeeded: step >> (56 - 8 * index)) }
    }
}

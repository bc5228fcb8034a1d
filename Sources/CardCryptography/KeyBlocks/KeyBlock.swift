import ByteText

/// Keys on their way between systems: an open header and the key under a protection key, bound together by a MAC
/// (TR-31:2018, ANSI X9.143).
///
/// B, D and the SM4 version are made and opened, A and C only opened. What cannot be opened gives no byte of its key.
public enum KeyBlock {
    /// A block that was opened.
    public struct Opened: ~Copyable {
        /// What the key is.
        public let header: KeyBlockHeader
        /// The key.
        public let key: SecretBytes
    }

    /// The text of a block.
    ///
    /// - Parameters:
    ///   - protection: the key block protection key; its length fits the header's version.
    ///   - maskedLength: bytes behind which the key's own length hides.
    ///   - filler: the random bytes behind the key; drawn here when not given.
    /// - Throws: `onlyOpened`, `protectionKey`, `weakerProtection`, `keyLength`, `malformed`.
    public static func make(
        _ header: KeyBlockHeader, key: Span<UInt8>, protection: Span<UInt8>, maskedLength: Int = 16,
        filler: [UInt8]? = nil
    ) throws(KeyBlockError) -> String {
        let version = header.version
        guard version.isMade else { throw .onlyOpened(version) }
        try check(header, keyLength: key.count, under: protection.count)
        let keys = try Keys(version, protection)
        let room = max(key.count, min(maskedLength, 512)) + 2
        let total = (room + version.blockLength - 1) / version.blockLength * version.blockLength
        let random = try KeyBlockError.reporting { () throws(CryptographyError) in
            if let filler { return filler }
            return try SecureRandom.bytes(total - 2 - key.count)
        }
        guard random.count == total - 2 - key.count else { throw .malformed("filler") }
        let plain = SecretBytes.filling(count: total) { span in
            span[0] = UInt8(truncatingIfNeeded: (key.count * 8) >> 8)
            span[1] = UInt8(truncatingIfNeeded: key.count * 8)
            for index in key.indices { span[2 + index] = key[index] }
            for index in random.indices { span[2 + key.count + index] = random[index] }
        }
        let text = try header.text(payloadLength: 2 * (total + version.macLength))
        return try KeyBlockError.reporting { () throws(CryptographyError) in
            let mac = try keys.mac(header: Array(text.utf8), plain)
            let cipherText = try plain.withSpan { plain throws(CryptographyError) in
                try keys.encryption().encryptChained(plain, initialValue: mac)
            }
            return text + cipherText.hexadecimal + mac.hexadecimal
        }
    }

    /// Reads the header alone; says nothing of whether it is authentic.
    ///
    /// - Throws: `malformed`, `unknownVersion`.
    public static func header(of block: String) throws(KeyBlockError) -> KeyBlockHeader {
        try KeyBlockHeader.read(Array(block.utf8)).header
    }

    /// Opens a block.
    ///
    /// - Throws: `malformed`, `unknownVersion`, `protectionKey`; `notAuthentic` when one character differs or the protection key
    ///   is another; `weakerProtection` and `keyLength` for an authentic block that should not have been made.
    public static func open(_ block: String, protection: Span<UInt8>) throws(KeyBlockError) -> Opened {
        let bytes = Array(block.utf8)
        let (header, length) = try KeyBlockHeader.read(bytes)
        let version = header.version
        let keys = try Keys(version, protection)
        let payload = bytes[length...]
        // one way to write a block: small letters would leave a changed character unnoticed
        guard payload.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x46).contains($0) }),
            let sealed = [UInt8](hexadecimal: String(decoding: payload, as: UTF8.self))
        else { throw .malformed("key data") }
        let cipherText = Array(sealed.dropLast(version.macLength))
        guard !cipherText.isEmpty, cipherText.count % version.blockLength == 0 else { throw .malformed("key data") }
        let open = Array(bytes.prefix(length))
        let mac = Array(sealed.suffix(version.macLength))
        let plain = try KeyBlockError.reporting { () throws(CryptographyError) in
            try keys.decipher(cipherText, header: open, mac: mac)
        }
        let isAuthentic = try KeyBlockError.reporting { () throws(CryptographyError) in
            let expected =
                try version.isMade
                ? keys.mac(header: open, plain) : keys.variantMAC(header: open, cipherText: cipherText)
            return constantTimeEqual(expected, mac)
        }
        guard isAuthentic else { throw .notAuthentic }
        let key = try key(in: plain)
        try check(header, keyLength: key.count, under: protection.count)
        return Opened(header: header, key: key)
    }

    private static func key(in plain: borrowing SecretBytes) throws(KeyBlockError) -> SecretBytes {
        try plain.withSpan { span throws(KeyBlockError) in
            let bits = Int(span[0]) << 8 | Int(span[1])
            guard bits > 0, bits % 8 == 0, bits / 8 <= span.count - 2 else { throw .malformed("key length") }
            return SecretBytes(copying: span.extracting(2..<2 + bits / 8))
        }
    }

    /// A key is not protected by a weaker one, of another cipher or of the same and shorter, and has the length of its algorithm.
    private static func check(
        _ header: KeyBlockHeader, keyLength: Int, under protectionLength: Int
    ) throws(KeyBlockError) {
        let isDES = header.version.blockLength == 8
        let lengths: ClosedRange<Int>
        switch header.algorithm {
        case "A" where !isDES: lengths = 16...32
        case "4" where !isDES: lengths = 16...16
        case "A", "4": throw .weakerProtection(header.version, algorithm: header.algorithm)
        case "T": lengths = 16...24
        case "D": lengths = 8...8
        default: lengths = 1...512
        }
        guard lengths.contains(keyLength), lengths.upperBound > 32 || keyLength % 8 == 0 else {
            throw .keyLength(algorithm: header.algorithm, length: keyLength)
        }
        // AES keys stand only under AES, and triple DES of three keys is weaker than any of them
        let isOfOneKind = header.algorithm == "A" || (header.algorithm == "T" && isDES)
        guard !isOfOneKind || keyLength <= protectionLength else {
            throw .weakerProtection(header.version, algorithm: header.algorithm)
        }
    }
}

/// The two keys that come from a protection key: one enciphers, one authenticates.
private struct Keys: ~Copyable {
    private let version: KeyBlockVersion
    private let cipher: BlockCipher
    private let encryptionKey: SecretBytes
    private let authenticationKey: SecretBytes

    init(_ version: KeyBlockVersion, _ protection: Span<UInt8>) throws(KeyBlockError) {
        guard let cipher = version.cipher(keyLength: protection.count) else {
            throw .protectionKey(version, length: protection.count)
        }
        let encryptionKey = try Self.key(version, cipher, protection, use: 0x00, mask: 0x45)
        let authenticationKey = try Self.key(version, cipher, protection, use: 0x01, mask: 0x4D)
        self.version = version
        self.cipher = cipher
        self.encryptionKey = encryptionKey
        self.authenticationKey = authenticationKey
    }

    private static func key(
        _ version: KeyBlockVersion, _ cipher: BlockCipher, _ protection: Span<UInt8>, use: UInt8, mask: UInt8
    ) throws(KeyBlockError) -> SecretBytes {
        guard version.isMade else { return variant(of: protection, mask) }
        return try derived(version, cipher, protection, use: [0x00, use])
    }

    private static func variant(of protection: Span<UInt8>, _ mask: UInt8) -> SecretBytes {
        SecretBytes.filling(count: protection.count) { span in
            for index in span.indices { span[index] = protection[index] ^ mask }
        }
    }

    /// CMAC(key, counter ‖ use ‖ 00 ‖ algorithm ‖ length in bits), as many blocks as the key needs.
    private static func derived(
        _ version: KeyBlockVersion, _ cipher: BlockCipher, _ protection: Span<UInt8>, use: [UInt8]
    ) throws(KeyBlockError) -> SecretBytes {
        let bits = UInt16(protection.count * 8)
        let after = use + [0x00] + version.derivationIndicator(cipher) + bits.bigEndianBytes
        do throws(CryptographyError) {
            return try KeyDerivation.counterMode(
                cipher, key: protection, before: [], after: after, count: protection.count)
        } catch {
            throw .cryptography(error)
        }
    }

    func encryption() throws(CryptographyError) -> BlockCipherKey {
        try encryptionKey.withSpan { key throws(CryptographyError) in try BlockCipherKey(cipher, key) }
    }

    /// CMAC over the header and the plain key data.
    func mac(header: [UInt8], _ plain: borrowing SecretBytes) throws(CryptographyError) -> [UInt8] {
        let message = plain.withUnsafeBytes { plain in
            SecretBytes.filling(count: header.count + plain.count) { span in
                for index in header.indices { span[index] = header[index] }
                for index in plain.indices { span[header.count + index] = plain[index] }
            }
        }
        var mac = [UInt8](repeating: 0, count: cipher.blockLength)
        var span = mac.mutableSpan
        try authenticationKey.withSpan { key throws(CryptographyError) in
            try message.withSpan { message throws(CryptographyError) in
                try BlockCipherMAC.cmac(cipher, key: key, message, into: &span)
            }
        }
        return mac
    }

    /// The left four bytes of the CBC-MAC over header and cipher text (A, C).
    func variantMAC(header: [UInt8], cipherText: [UInt8]) throws(CryptographyError) -> [UInt8] {
        let mac = try authenticationKey.withSpan { key throws(CryptographyError) in
            try BlockCipherMAC.cbcMAC(BlockCipherKey(cipher, key), header + cipherText, padding: .zeros)
        }
        return Array(mac.prefix(version.macLength))
    }

    /// The initial value is the MAC, with A and C the left eight characters of the header.
    func decipher(
        _ cipherText: [UInt8], header: [UInt8], mac: [UInt8]
    ) throws(CryptographyError) -> SecretBytes {
        let initialValue = version.isMade ? mac : Array(header.prefix(8))
        return try encryption().decryptChainedSecret(cipherText, initialValue: initialValue)
    }
}

/// How a command and its answer are protected between card and key holder (线路保护, cos-dialects §5).
///
/// The same rules serve both ends, the issuer's key service and the virtual card; neither knows here which key is for what.
///
/// | part | layout |
/// |---|---|
/// | MAC | CLA INS P1 P2 Lc ‖ data field, Lc with the MAC's 4 bytes; 80 00… always |
/// | enciphered data | LD ‖ data, 80 00… only where that does not fill its blocks; ECB |
/// | answer | data, enciphered like the command's; MAC over the answer's data alone |
///
/// SM4 keeps the layout with blocks of 16 bytes; the rest of it is a ``SM4LineForm`` that the card's profile tells.
public struct LineProtection: Hashable, Sendable {
    /// What is done to the data.
    public enum Mode: Hashable, Sendable, CaseIterable {
        /// It travels in plain, with a MAC.
        case mac
        /// It is enciphered, then a MAC is taken over the cipher text.
        case encipheredWithMAC
    }

    /// Which key protects.
    public enum KeyForm: Hashable, Sendable {
        /// The card's key itself; the challenge is the MAC's initial value.
        case cardKey
        /// A session key that the card's key makes of the challenge, 8 or 16 bytes with DES; the initial value is zero
        /// (card.md §2.4).
        case sessionKey(width: Int)
    }

    /// How enciphered reading tells its lengths.
    public enum ReadForm: Hashable, Sendable {
        /// Command data Le ‖ 80 00…, answer data ‖ 80 00… where that does not fill its blocks: the length is the one asked for
        /// (the only printed sample, cos-dialects §6.2).
        case bare
        /// LD in front of both, as in commands that write.
        case counted
    }

    /// What is done to the data.
    public let mode: Mode
    /// Which key protects.
    public let keyForm: KeyForm
    /// How enciphered reading tells its lengths.
    public let readForm: ReadForm
    /// What the card's profile says of SM4; means nothing for DES.
    public let sm4: SM4LineForm

    /// A protection from its parts.
    public init(
        _ mode: Mode, keyForm: KeyForm = .cardKey, readForm: ReadForm = .bare, sm4: SM4LineForm = .published
    ) {
        self.mode = mode
        self.keyForm = keyForm
        self.readForm = readForm
        self.sm4 = sm4
    }

    /// What holds for a cipher.
    private func form(_ cipher: CardCipher) -> SM4LineForm { cipher == .sm4 ? sm4 : .published }
}

// MARK: - Lengths

extension LineProtection {
    /// Bytes of a MAC as it travels.
    public func macLength(_ cipher: CardCipher) -> Int { form(cipher).macLength }

    /// Bytes of the data field of a command that writes `count` plain bytes, with its MAC.
    public func fieldLength(plain count: Int, cipher: CardCipher) -> Int {
        guard mode == .encipheredWithMAC, count > 0 else { return count + macLength(cipher) }
        return encipheredLength(count, isCounted: true, cipher) + macLength(cipher)
    }

    /// The most plain bytes that a protected command can write within a data field of `limit` bytes.
    public func largestPlain(within limit: Int, cipher: CardCipher) -> Int {
        largest(within: limit, isCounted: true, cipher)
    }

    /// The most plain bytes that a protected answer of `limit` bytes can carry; an answer has at most 256 bytes.
    public func largestAnswer(within limit: Int = 256, cipher: CardCipher) -> Int {
        largest(within: limit, isCounted: readForm == .counted, cipher)
    }

    /// How many bytes `count` plain bytes of an answer take with their protection.
    public func answerLength(plain count: Int, cipher: CardCipher) -> Int {
        guard mode == .encipheredWithMAC else { return count + macLength(cipher) }
        return encipheredLength(count, isCounted: readForm == .counted, cipher) + macLength(cipher)
    }

    private func largest(within limit: Int, isCounted: Bool, _ cipher: CardCipher) -> Int {
        let room = max(limit - macLength(cipher), 0)
        guard mode == .encipheredWithMAC else { return room }
        let overhead = (isCounted ? 1 : 0) + (form(cipher).dataPadding == .always ? 1 : 0)
        return max(room / cipher.blockLength * cipher.blockLength - overhead, 0)
    }

    private func encipheredLength(_ count: Int, isCounted: Bool, _ cipher: CardCipher) -> Int {
        let block = cipher.blockLength
        let filled = count + (isCounted ? 1 : 0) + (form(cipher).dataPadding == .always ? 1 : 0)
        return (filled + block - 1) / block * block
    }
}

// MARK: - Blocks, for whoever has the key where these rules are not

extension LineProtection {
    /// The blocks that are enciphered: LD where it is told, the data, 80 00… as the cipher's form has it.
    public func dataBlocks(_ plain: [UInt8], isCounted: Bool, cipher: CardCipher) -> [UInt8] {
        var blocks = (isCounted ? [UInt8(truncatingIfNeeded: plain.count)] : []) + plain
        let count = encipheredLength(plain.count, isCounted: isCounted, cipher)
        if blocks.count < count { blocks.append(0x80) }
        return CardCryptogram.zeroPadded(blocks, to: count)
    }

    /// The blocks that a MAC is taken over: the message, 80 00… as the cipher's form has it.
    public func macBlocks(_ message: [UInt8], cipher: CardCipher) -> [UInt8] {
        macPadding(message, cipher).apply(to: message.span, block: cipher.blockLength)
    }

    /// What MACs under the card's key itself begin with: one block.
    ///
    /// - Throws: `wrongLength` for a challenge of other than 4, 8 or, with SM4, 16 bytes.
    public func initialValue(challenge: [UInt8], cipher: CardCipher) throws(CryptographyError) -> [UInt8] {
        let zeroFilled = try CardCryptogram.initialValue(challenge: challenge, cipher: cipher)
        guard form(cipher).initialValue == .complemented, challenge.count <= 8 else { return zeroFilled }
        return SM4Blocks.Filling.complemented.block(challenge)
    }

    private func macPadding(_ message: [UInt8], _ cipher: CardCipher) -> MACPadding {
        let isFull = !message.isEmpty && message.count.isMultiple(of: cipher.blockLength)
        return isFull && form(cipher).macPadding == .whenNeeded ? .zeros : .bit
    }
}

// MARK: - Commands

extension LineProtection {
    /// A command's data field: plain or enciphered data, then the MAC.
    ///
    /// - Parameters:
    ///   - header: CLA INS P1 P2 as they are sent.
    ///   - plain: what the command carries; for enciphered reading, Le as one byte.
    ///   - isRead: true for a command whose answer carries data.
    /// - Throws: `wrongLength` for a challenge, a key or data that does not fit.
    public func protect(
        _ key: Span<UInt8>, cipher: CardCipher, header: [UInt8], plain: Span<UInt8>, isRead: Bool, challenge: [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        try withKey(key, cipher, challenge) { key, initialValue throws(CryptographyError) in
            let macLength = macLength(cipher)
            var field: [UInt8] = []
            if mode == .encipheredWithMAC && !plain.isEmpty {
                field = try CardCryptogram.encipher(
                    key, plain: plain, isCounted: !isRead || readForm == .counted,
                    isAlwaysPadded: form(cipher).dataPadding == .always)
            } else {
                field.reserveCapacity(plain.count + macLength)
                plain.withUnsafeBufferPointer { field.append(contentsOf: $0) }
            }
            guard field.count <= 255 - macLength else { throw .wrongLength("data", plain.count) }
            var message: [UInt8] = []
            message.reserveCapacity(header.count + 1 + field.count)
            message.append(contentsOf: header)
            message.append(UInt8(field.count + macLength))
            message.append(contentsOf: field)
            let mac = try macBlock(key, cipher, initialValue, message)
            for index in 0..<macLength { field.append(mac[index]) }
            return field
        }
    }

    /// What a protected command carries, as the card takes it out of the data field.
    ///
    /// - Throws: `notAuthentic` when the MAC is wrong; `malformedPlaintext` and `wrongLength` for what deciphers to nothing.
    public func unprotect(
        key: [UInt8], cipher: CardCipher, header: [UInt8], field: [UInt8], isRead: Bool, challenge: [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        let macLength = macLength(cipher)
        guard (macLength...255).contains(field.count) else { throw .wrongLength("data", field.count) }
        return try withKey(key.span, cipher, challenge) { key, initialValue throws(CryptographyError) in
            let text = Array(field.dropLast(macLength))
            let mac = try mac(key, cipher, initialValue, header + [UInt8(field.count)] + text)
            guard constantTimeEqual(mac, Array(field.suffix(macLength))) else { throw .notAuthentic }
            guard mode == .encipheredWithMAC, !text.isEmpty else { return text }
            return try CardCryptogram.decipher(
                key, enciphered: text, bareLength: isRead && readForm == .bare ? 1 : nil,
                isAlwaysPadded: form(cipher).dataPadding == .always)
        }
    }
}

// MARK: - Answers

extension LineProtection {
    /// An answer's data with its protection, as the card sends it.
    public func protectAnswer(
        key: [UInt8], cipher: CardCipher, plain: [UInt8], challenge: [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        try withKey(key.span, cipher, challenge) { key, initialValue throws(CryptographyError) in
            var text = plain
            if mode == .encipheredWithMAC {
                text = try CardCryptogram.encipher(
                    key, plain: plain.span, isCounted: readForm == .counted,
                    isAlwaysPadded: form(cipher).dataPadding == .always)
            }
            return try text + mac(key, cipher, initialValue, text)
        }
    }

    /// The data of a protected answer.
    ///
    /// - Parameter length: how many plain bytes were asked for; needed where enciphered answers do not tell it.
    /// - Throws: `notAuthentic` when the MAC is missing or wrong; `malformedPlaintext` for what deciphers to nothing;
    ///   `wrongLength` when `length` is needed and not there, or key or challenge do not fit.
    public func unprotectAnswer(
        _ key: Span<UInt8>, cipher: CardCipher, answer: [UInt8], length: Int?, challenge: [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        let macLength = macLength(cipher)
        guard answer.count >= macLength else { throw .notAuthentic }
        return try withKey(key, cipher, challenge) { key, initialValue throws(CryptographyError) in
            let text = Array(answer.dropLast(macLength))
            let mac = try mac(key, cipher, initialValue, text)
            guard constantTimeEqual(mac, Array(answer.suffix(macLength))) else { throw .notAuthentic }
            guard mode == .encipheredWithMAC, !text.isEmpty else { return text }
            guard text.count % cipher.blockLength == 0 else { throw .malformedPlaintext }
            let isAlwaysPadded = form(cipher).dataPadding == .always
            guard readForm == .bare else {
                return try CardCryptogram.decipher(key, enciphered: text, isAlwaysPadded: isAlwaysPadded)
            }
            guard let length else { throw .wrongLength("answer", text.count) }
            return try CardCryptogram.decipher(
                key, enciphered: text, bareLength: length, isAlwaysPadded: isAlwaysPadded)
        }
    }

    // MARK: -

    private func mac(
        _ key: borrowing BlockCipherKey, _ cipher: CardCipher, _ initialValue: [UInt8]?, _ message: [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        try [UInt8](first: macLength(cipher), of: macBlock(key, cipher, initialValue, message))
    }

    private func macBlock(
        _ key: borrowing BlockCipherKey, _ cipher: CardCipher, _ initialValue: [UInt8]?, _ message: [UInt8]
    ) throws(CryptographyError) -> [16 of UInt8] {
        try CardCryptogram.commandMACBlock(
            key, initialValue: initialValue, message: message, padding: macPadding(message, cipher))
    }

    /// Lends the protecting key and the initial value of its MACs, nil for zeros.
    private func withKey<Value>(
        _ bytes: Span<UInt8>, _ cipher: CardCipher, _ challenge: [UInt8],
        _ body: (borrowing BlockCipherKey, [UInt8]?) throws(CryptographyError) -> Value
    ) throws(CryptographyError) -> Value {
        guard !challenge.isEmpty else { throw .wrongLength("challenge", 0) }
        var key = try cipher.key(bytes)
        switch keyForm {
        case .cardKey:
            return try body(key, initialValue(challenge: challenge, cipher: cipher))
        case .sessionKey(let width):
            let form = CardCryptogram.Form(
                sessionKeyWidth: width, fullSM4Block: challenge.count == 16, blocks: sm4.blocks)
            try key.becomeSessionKey(of: cipher, factor: challenge, form: form)
            return try body(key, nil)
        }
    }
}

extension SecureChannelSessionKeys {
    /// Enciphers keys and other secrets inside a command under the DEK: SCP02 block by block under the session's DEK, SCP03
    /// chained from zeros under the static one.
    ///
    /// - Throws: `wrongLength` when the bytes do not fill whole blocks.
    public borrowing func encipherSensitive(_ plain: Span<UInt8>) throws(CryptographyError) -> [UInt8] {
        try dataEncryption.withSpan { key throws(CryptographyError) in
            let key = try BlockCipherKey(cipher, key)
            guard channelProtocol.version == .scp02 else { return try key.encryptChained(plain) }
            var output = [UInt8](repeating: 0, count: plain.count)
            var span = output.mutableSpan
            try key.encrypt(plain, into: &span)
            return output
        }
    }

    /// Deciphers what `encipherSensitive` made, on the card's side.
    public borrowing func decipherSensitive(_ enciphered: [UInt8]) throws(CryptographyError) -> [UInt8] {
        try dataEncryption.withSpan { key throws(CryptographyError) in
            let key = try BlockCipherKey(cipher, key)
            guard channelProtocol.version == .scp02 else {
                return try key.decryptChained(enciphered, initialValue: [UInt8](repeating: 0, count: 16))
            }
            return try key.decrypt(enciphered)
        }
    }

    borrowing func encipher(
        _ blocks: [UInt8], _ count: UInt64, isResponse: Bool = false
    ) throws(CryptographyError) -> [UInt8] {
        try encryption.withSpan { key throws(CryptographyError) in
            let key = try BlockCipherKey(cipher, key)
            return try key.encryptChained(blocks, initialValue: initialValue(key, count, isResponse))
        }
    }

    borrowing func decipher(
        _ blocks: [UInt8], _ count: UInt64, isResponse: Bool = false
    ) throws(CryptographyError) -> [UInt8] {
        try encryption.withSpan { key throws(CryptographyError) in
            let key = try BlockCipherKey(cipher, key)
            return try key.decryptChained(blocks, initialValue: initialValue(key, count, isResponse))
        }
    }

    /// The initial value of data: in SCP02 zeros; in SCP03 the command's number as a block, enciphered, with 80 as its first byte
    /// for the response (Amendment D §6.2.6, §6.2.7).
    private borrowing func initialValue(
        _ key: borrowing BlockCipherKey, _ count: UInt64, _ isResponse: Bool
    ) throws(CryptographyError) -> [UInt8] {
        guard channelProtocol.version == .scp03 else { return [UInt8](repeating: 0, count: 8) }
        var block = [UInt8](repeating: 0, count: 16)
        if isResponse { block[0] = 0x80 }
        for index in 0..<8 { block[15 - index] = UInt8(truncatingIfNeeded: count >> UInt64(8 * index)) }
        return try key.encrypt(block)
    }

    borrowing func padded(_ data: [UInt8]) -> [UInt8] {
        MACPadding.bit.apply(to: data.span, block: channelProtocol.blockLength)
    }

    /// Nil when the bytes do not end with 80 00… inside their last block.
    borrowing func unpadded(_ bytes: [UInt8]) -> [UInt8]? {
        guard let mark = bytes.lastIndex(where: { $0 != 0 }), bytes[mark] == 0x80,
            bytes.count - mark <= channelProtocol.blockLength
        else { return nil }
        return Array(bytes[..<mark])
    }
}

extension BlockCipherKey {
    /// Enciphers whole blocks of a secret chained from zeros; the mixed blocks are wiped.
    fileprivate func encryptChained(_ input: Span<UInt8>) throws(CryptographyError) -> [UInt8] {
        let block = cipher.blockLength
        guard input.count % block == 0 else { throw .wrongLength("blocks", input.count) }
        var output: [UInt8] = []
        var chain = [UInt8](repeating: 0, count: block)
        for start in stride(from: 0, to: input.count, by: block) {
            let mixed = SecretBytes.filling(count: block) { span in
                for index in 0..<block { span[index] = chain[index] ^ input[start + index] }
            }
            var span = chain.mutableSpan
            try mixed.withSpan { mixed throws(CryptographyError) in try encrypt(mixed, into: &span) }
            output += chain
        }
        return output
    }
}

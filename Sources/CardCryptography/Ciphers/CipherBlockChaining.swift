/// Cipher block chaining (ISO/IEC 10116, CBC), written out over the kept ECB key: the messages of cards are a few blocks long.
extension BlockCipherKey {
    /// Enciphers whole blocks, the first mixed with `initialValue` of one block.
    public func encryptChained(
        _ input: [UInt8], initialValue: [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        let block = cipher.blockLength
        guard initialValue.count == block else { throw .wrongLength("initial value", initialValue.count) }
        guard input.count % block == 0 else { throw .wrongLength("blocks", input.count) }
        var output: [UInt8] = []
        output.reserveCapacity(input.count)
        var chain = initialValue
        for start in stride(from: 0, to: input.count, by: block) {
            for index in 0..<block { chain[index] ^= input[start + index] }
            chain = try encrypt(chain)
            output += chain
        }
        return output
    }

    /// Deciphers whole blocks, the first mixed with `initialValue` of one block.
    public func decryptChained(
        _ input: [UInt8], initialValue: [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        let block = cipher.blockLength
        guard initialValue.count == block else { throw .wrongLength("initial value", initialValue.count) }
        var output = try decrypt(input)
        for index in output.indices {
            output[index] ^= index < block ? initialValue[index] : input[index - block]
        }
        return output
    }

    /// Enciphers whole blocks of a secret; what comes out is none.
    func encryptChained(_ input: Span<UInt8>, initialValue: [UInt8]) throws(CryptographyError) -> [UInt8] {
        let block = cipher.blockLength
        guard initialValue.count == block else { throw .wrongLength("initial value", initialValue.count) }
        guard input.count % block == 0 else { throw .wrongLength("blocks", input.count) }
        var output: [UInt8] = []
        output.reserveCapacity(input.count)
        var chain = initialValue
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

    /// Deciphers whole blocks into a secret.
    func decryptChainedSecret(
        _ input: [UInt8], initialValue: [UInt8]
    ) throws(CryptographyError) -> SecretBytes {
        let block = cipher.blockLength
        guard initialValue.count == block else { throw .wrongLength("initial value", initialValue.count) }
        return try SecretBytes.filling(count: input.count) {
            (span: inout MutableSpan<UInt8>) throws(CryptographyError) in
            try decrypt(input.span, into: &span)
            for index in span.indices { span[index] ^= index < block ? initialValue[index] : input[index - block] }
        }
    }
}

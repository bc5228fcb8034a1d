import COpenSSL

/// Message authentication codes made with a block cipher; each gives a whole block, cards send its left bytes.
public enum BlockCipherMAC {
    /// CBC-MAC, algorithm 1 of ISO/IEC 9797-1 (GB/T 15852.1 scheme 1): the last block of the chain.
    ///
    /// Forgeable when messages of several lengths are authenticated; the Lc byte of a card command is what makes it safe there.
    /// - Parameter initialValue: One block; nil for zeros.
    public static func cbcMAC(
        _ key: borrowing BlockCipherKey, _ message: [UInt8], padding: MACPadding, initialValue: [UInt8]? = nil
    ) throws(CryptographyError) -> [UInt8] {
        try [UInt8](first: key.cipher.blockLength, of: chain(key, message.span, padding, initialValue))
    }

    /// The retail MAC, algorithm 3 of ISO/IEC 9797-1 (ANSI X9.19, GB/T 15852.1 scheme 3): CBC-MAC under the first key, then
    /// deciphered with the second and enciphered with the first.
    ///
    /// - Parameter initialValue: One block; nil for zeros.
    public static func retailMAC(
        _ first: borrowing BlockCipherKey, _ second: borrowing BlockCipherKey, _ message: [UInt8],
        padding: MACPadding, initialValue: [UInt8]? = nil
    ) throws(CryptographyError) -> [UInt8] {
        try first.encrypt(second.decrypt(cbcMAC(first, message, padding: padding, initialValue: initialValue)))
    }

    /// The retail MAC under the two parts of a triple-DES key of 16 bytes: a block, of which 8 bytes count.
    static func retailMAC(
        _ key: borrowing BlockCipherKey, _ message: Span<UInt8>, _ padding: MACPadding, _ initialValue: [UInt8]?
    ) throws(CryptographyError) -> [16 of UInt8] {
        var chain = try chain(key, message, padding, initialValue, withFirstPart: true)
        try key.endRetail(&chain)
        return chain
    }

    /// CMAC, algorithm 5 of ISO/IEC 9797-1 (NIST SP 800-38B): safe for messages of any length.
    ///
    /// Not for single DES.
    public static func cmac(
        _ cipher: BlockCipher, key: Span<UInt8>, _ message: [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: cipher.blockLength)
        var span = output.mutableSpan
        try cmac(cipher, key: key, message, into: &span)
        return output
    }

    /// CMAC into room for one block, for values that are secrets themselves.
    static func cmac(
        _ cipher: BlockCipher, key: Span<UInt8>, _ message: [UInt8], into output: inout MutableSpan<UInt8>
    ) throws(CryptographyError) {
        try cmac(cipher, key: key, message.span, into: &output)
    }

    /// CMAC of a message that is a secret itself.
    static func cmac(
        _ cipher: BlockCipher, key: Span<UInt8>, _ message: Span<UInt8>, into output: inout MutableSpan<UInt8>
    ) throws(CryptographyError) {
        guard key.count == cipher.keyLength else { throw .wrongLength("key", key.count) }
        guard output.count == cipher.blockLength else { throw .wrongLength("MAC", output.count) }
        // OpenSSL takes ECB and CTR names without complaint and then gives wrong values: always a CBC name
        let name =
            switch cipher {
            case .singleDES: throw .notAvailable("CMAC with single DES")
            case .tripleDES: "DES-EDE-CBC"
            case .threeKeyTripleDES: "DES-EDE3-CBC"
            case .sm4: "SM4-CBC"
            case .aes128: "AES-128-CBC"
            case .aes192: "AES-192-CBC"
            case .aes256: "AES-256-CBC"
            }
        let mac = try FetchedAlgorithm.cmac.required
        let done = output.withUnsafeMutableBufferPointer { output in
            key.withUnsafeBufferPointer { key in
                message.withUnsafeBufferPointer { message in
                    card_cmac(
                        mac, name, key.baseAddress, key.count, message.baseAddress, message.count, output.baseAddress,
                        output.count)
                }
            }
        }
        guard done == 1 else { throw openSSLFailure("CMAC") }
    }

    /// The chain of a message: the MAC of algorithm 1, of which a block's bytes count.
    ///
    /// - Parameter withFirstPart: whether a DES key works as single DES with its first part.
    static func chain(
        _ key: borrowing BlockCipherKey, _ message: Span<UInt8>, _ padding: MACPadding, _ initialValue: [UInt8]?,
        withFirstPart: Bool = false
    ) throws(CryptographyError) -> [16 of UInt8] {
        let block = key.cipher.blockLength
        var chain = [16 of UInt8](repeating: 0)
        if let initialValue {
            guard initialValue.count == block else { throw .wrongLength("initial value", initialValue.count) }
            for index in initialValue.indices { chain[index] = initialValue[index] }
        }
        if let first = padding.first(before: message, block: block) {
            try key.mix(first.span.extracting(0..<block), into: &chain, withFirstPart: withFirstPart)
        }
        let whole = message.extracting(0..<(message.count - message.count % block))
        try key.mix(whole, into: &chain, withFirstPart: withFirstPart)
        if let last = padding.last(behind: message, block: block) {
            try key.mix(last.span.extracting(0..<block), into: &chain, withFirstPart: withFirstPart)
        }
        return chain
    }
}

extension [UInt8] {
    /// The first bytes of a block, at most 16.
    init(first count: Int, of block: [16 of UInt8]) {
        self.init(unsafeUninitializedCapacity: count) { buffer, initialized in
            for index in 0..<count { buffer.initializeElement(at: index, to: block[index]) }
            initialized = count
        }
    }
}

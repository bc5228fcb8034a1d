import CPKCS11
import CardCryptography

/// The operations on a card's key. Each derives it inside the token and uses it there.
extension TokenSession {
    /// E(SK, original), the session key made inside the token.
    func sessionCryptogram(_ session: TokenKeyPath, original: [UInt8]) throws(TokenFailure) -> [UInt8] {
        try encipher(session, original)
    }

    /// Whole blocks, each by itself.
    func encipher(_ path: TokenKeyPath, _ blocks: [UInt8]) throws(TokenFailure) -> [UInt8] {
        try crypt(encrypting: true, key(path), blocks)
    }

    /// Whole blocks, each by itself.
    func decipher(_ path: TokenKeyPath, _ blocks: [UInt8]) throws(TokenFailure) -> [UInt8] {
        try crypt(encrypting: false, key(path), blocks)
    }

    /// The left 4 bytes of the command MAC.
    ///
    /// CBC with the left half and the last block under the whole key; under a single-DES key CBC alone. The message is padded
    /// with 80 00… always.
    func commandMAC(_ path: TokenKeyPath, initialValue: [UInt8], message: [UInt8]) throws(TokenFailure) -> [UInt8] {
        guard initialValue.count == 8 else { throw .malformedMessage }
        var padded = message + [0x80]
        while padded.count % 8 != 0 { padded.append(0) }
        var chain = initialValue
        if padded.count > 8 {
            let front = Array(padded.dropLast(8))
            chain = Array(try crypt(encrypting: true, key(path.leftHalf), front, initialValue: chain).suffix(8))
        }
        let last = zip(padded.suffix(8), chain).map { $0 ^ $1 }
        return Array(try crypt(encrypting: true, key(path), last).prefix(4))
    }

    /// The left three bytes of E(K, zeros).
    func checkValue(_ path: TokenKeyPath) throws(TokenFailure) -> [UInt8] {
        Array(try encipher(path, [UInt8](repeating: 0, count: 8)).prefix(3))
    }

    /// The keys of many cards under one master, in one call of the token; they come out to this process.
    ///
    /// - Parameter path: the master that card factors diversify.
    /// - Throws: `keysStayInside` where the token is loaded for authentication.
    func cardKeys(
        _ path: TokenKeyPath, factors: [DiversificationFactor], parity: KeyParity
    ) throws(TokenFailure) -> SecretBytes {
        guard try description().purpose == .cardMaking else { throw .keysStayInside }
        let master = try key(path, isParent: true)
        let blocks = [UInt8](unsafeUninitializedCapacity: 16 * factors.count) { buffer, count in
            let words = UnsafeMutableRawBufferPointer(buffer)
            for index in factors.indices {
                words.storeBytes(of: factors[index].value.bigEndian, toByteOffset: 16 * index, as: UInt64.self)
                words.storeBytes(of: ~factors[index].value.bigEndian, toByteOffset: 16 * index + 8, as: UInt64.self)
            }
            count = 16 * factors.count
        }
        let session = handle
        let module = module
        return try SecretBytes.filling(count: blocks.count) { (span: inout MutableSpan<UInt8>) throws(TokenFailure) in
            try module.crypt(master, blocks.span, into: &span, in: session)
            parity.apply(to: &span)
        }
    }

    private func crypt(
        encrypting: Bool, _ key: CK_OBJECT_HANDLE, _ input: [UInt8], initialValue: [UInt8]? = nil
    ) throws(TokenFailure) -> [UInt8] {
        guard !input.isEmpty, input.count % 8 == 0 else { throw .malformedMessage }
        var output = [UInt8](repeating: 0, count: input.count)
        var span = output.mutableSpan
        try module.crypt(
            encrypting: encrypting, key, input.span, initialValue: initialValue, into: &span, in: handle)
        return output
    }
}

import COpenSSL

/// A hash that takes its message piece by piece, and is then ready for the next message; made for the links of hash chains.
public struct IncrementalHash: ~Copyable {
    private let function: OpaquePointer
    private let context: OpaquePointer

    /// Starts the first message.
    public init(_ hash: HashFunction) throws(CryptographyError) {
        let fetched = try hash.fetched
        guard let context = EVP_MD_CTX_new() else { throw openSSLFailure("hash") }
        guard EVP_DigestInit_ex2(context, fetched, nil) == 1 else {
            EVP_MD_CTX_free(context)
            throw openSSLFailure("hash")
        }
        function = fetched
        self.context = context
    }

    /// Takes the next piece of the message.
    public mutating func update(_ piece: Span<UInt8>) throws(CryptographyError) {
        let done = piece.withUnsafeBufferPointer { EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
        guard done == 1 else { throw openSSLFailure("hash") }
    }

    /// Takes the next piece of the message.
    public mutating func update(_ piece: [UInt8]) throws(CryptographyError) { try update(piece.span) }

    /// The hash of the whole message, 32 bytes; the next piece starts a new message.
    public mutating func finish() throws(CryptographyError) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: 32)
        guard EVP_DigestFinal_ex(context, &output, nil) == 1, EVP_DigestInit_ex2(context, function, nil) == 1 else {
            throw openSSLFailure("hash")
        }
        return output
    }

    deinit { EVP_MD_CTX_free(context) }
}

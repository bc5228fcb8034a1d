import CardCryptography

/// One key of one card for the time of one operation.
struct CardKey: ~Copyable {
    private let bytes: SecretBytes
    /// Its cipher; a DES key of 8 bytes is single DES.
    let cipher: CardCipher

    init(_ bytes: consuming SecretBytes, _ cipher: CardCipher) {
        self.bytes = bytes
        self.cipher = cipher
    }

    /// Uses the key; a failure of the cryptography becomes a key error.
    borrowing func use<Value: ~Copyable>(
        _ body: (borrowing Span<UInt8>) throws(CryptographyError) -> Value
    ) throws(CardKeyError) -> Value {
        do throws(CryptographyError) {
            return try bytes.withSpan(body)
        } catch {
            throw CardKeyError(error)
        }
    }

    /// What a WRITE KEY carries: the header, then this key.
    borrowing func appended(to header: [UInt8]) -> SecretBytes {
        bytes.withUnsafeBytes { SecretBytes.joining(header, $0) }
    }
}

extension SecretBytes {
    /// A header that is no secret, followed by bytes that are.
    static func joining(_ header: [UInt8], _ secret: UnsafeRawBufferPointer) -> SecretBytes {
        filling(count: header.count + secret.count) { span in
            for index in header.indices { span[index] = header[index] }
            for index in secret.indices { span[header.count + index] = secret[index] }
        }
    }
}

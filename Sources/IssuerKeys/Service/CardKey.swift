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
    borrowing func appended(to header: [UInt8], contentLength: Int?) -> SecretBytes {
        bytes.withUnsafeBytes { SecretBytes.joining(header, $0, contentLength: contentLength) }
    }
}

extension SecretBytes {
    /// A header that is no secret, followed by bytes that are, which FF fills up to `contentLength`.
    static func joining(
        _ header: [UInt8], _ secret: UnsafeRawBufferPointer, contentLength: Int?
    ) -> SecretBytes {
        let padding = max(0, (contentLength ?? 0) - secret.count)
        return filling(count: header.count + secret.count + padding) { span in
            for index in header.indices { span[index] = header[index] }
            for index in secret.indices { span[header.count + index] = secret[index] }
            for index in 0..<padding { span[header.count + secret.count + index] = 0xFF }
        }
    }
}

import COpenSSL

/// Secret bytes on the heap, in one place, wiped when their owner lets go of them.
///
/// They cannot be copied by accident, printed or reflected. They lie on the heap because a value held inline leaves copies on
/// the stack at every move.
public struct SecretBytes: ~Copyable, @unchecked Sendable {  // immutable after creation
    private let storage: UnsafeMutablePointer<UInt8>
    /// How many bytes there are.
    public let count: Int

    private init(zeroed count: Int) {
        storage = card_secret_new(count)
        self.count = count
    }

    /// Bytes that `body` writes in place, so that no copy is made on the way; they are zero before.
    public static func filling<E: Error>(
        count: Int, _ body: (inout MutableSpan<UInt8>) throws(E) -> Void
    ) throws(E) -> SecretBytes {
        let secret = SecretBytes(zeroed: max(count, 0))
        var span = UnsafeMutableBufferPointer(start: secret.storage, count: secret.count).mutableSpan
        try body(&span)
        return secret
    }

    /// A copy of bytes that someone else holds, and should wipe.
    public init(copying bytes: Span<UInt8>) {
        self.init(zeroed: bytes.count)
        for index in bytes.indices { storage[index] = bytes[index] }
    }

    /// A copy of bytes that are no secret yet, such as test values and published transport keys.
    public init(copying bytes: [UInt8]) {
        self.init(copying: bytes.span)
    }

    /// Reads hexadecimal digits that are a secret themselves, with blanks between them where somebody typed them in groups.
    ///
    /// - Returns: nil when another character stands among them or a digit has no partner.
    public static func reading(hexadecimal text: Span<UInt8>) -> SecretBytes? {
        var digits = 0
        for index in text.indices where text[index] != 0x20 { digits += 1 }
        var isMalformed = digits % 2 != 0
        let secret = filling(count: digits / 2) { span in
            var digit = 0
            for index in text.indices where text[index] != 0x20 && !isMalformed {
                switch text[index] {
                case 0x30...0x39: span[digit / 2] = span[digit / 2] << 4 | (text[index] - 0x30)
                case 0x41...0x46: span[digit / 2] = span[digit / 2] << 4 | (text[index] - 0x41 + 10)
                case 0x61...0x66: span[digit / 2] = span[digit / 2] << 4 | (text[index] - 0x61 + 10)
                default: isMalformed = true
                }
                digit += 1
            }
        }
        if isMalformed { return nil }
        return secret
    }

    /// Lends the bytes for the time of a call.
    public borrowing func withSpan<R: ~Copyable, E: Error>(
        _ body: (borrowing Span<UInt8>) throws(E) -> R
    ) throws(E) -> R {
        try body(UnsafeBufferPointer(start: storage, count: count).span)
    }

    /// The bytes as an array, which nobody wipes: for bytes that stop being secret here, or that must travel on.
    public borrowing func unprotectedCopy() -> [UInt8] {
        withSpan { span in
            [UInt8](unsafeUninitializedCapacity: span.count) { buffer, count in
                for index in span.indices { buffer[index] = span[index] }
                count = span.count
            }
        }
    }

    /// Lends the bytes for the time of a call, to interfaces that know no spans.
    public borrowing func withUnsafeBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try body(UnsafeRawBufferPointer(start: storage, count: count))
    }

    /// Both strings combined bit by bit (XOR), as key components are.
    ///
    /// - Throws: `wrongLength` when the other has another length.
    public borrowing func combined(with other: borrowing SecretBytes) throws(CryptographyError) -> SecretBytes {
        guard other.count == count else { throw .wrongLength("key component", other.count) }
        return withSpan { mine in
            other.withSpan { theirs in
                SecretBytes.filling(count: mine.count) { span in
                    for index in span.indices { span[index] = mine[index] ^ theirs[index] }
                }
            }
        }
    }

    /// Whether both hold the same bytes; takes the same time wherever they differ.
    public borrowing func isEqual(to other: borrowing SecretBytes) -> Bool {
        withSpan { mine in other.withSpan { constantTimeEqual(mine, $0) } }
    }

    deinit { card_secret_free(storage, count) }
}

import CardCryptography

/// One key in memory, shared by all who may use it and wiped when the last of them is gone.
final class HeldKey: Sendable {
    private let key: SecretBytes

    init(_ key: consuming SecretBytes) { self.key = key }

    /// Lends the key for the time of a call.
    func withSpan<R: ~Copyable, E: Error>(_ body: (borrowing Span<UInt8>) throws(E) -> R) throws(E) -> R {
        try key.withSpan(body)
    }

    /// The key further down the hierarchy.
    func derived(
        _ cipher: BlockCipher, factors: [DiversificationFactor], parity: KeyParity
    ) throws(CryptographyError) -> SecretBytes {
        try Diversification.derive(from: key, masterCipher: cipher, factors: factors, parity: parity)
    }
}

extension HeldKey: CustomStringConvertible, CustomReflectable {
    /// `key` and nothing of it.
    var description: String { "key" }
    /// Nothing to see for `dump` and debuggers.
    var customMirror: Mirror { Mirror(self, children: []) }
}

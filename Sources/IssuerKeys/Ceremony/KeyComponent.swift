public import CardCryptography
public import CardData

/// One custodian's part of a root key (密钥分量), 16 bytes; all parts combined bit by bit are the root.
public final class KeyComponent: Sendable {
    /// Bytes of a component, and of the root.
    public static let length = 16

    /// The algorithm of the root it is a part of.
    public let algorithm: CardAlgorithm
    private let bytes: SecretBytes

    private init(_ bytes: consuming SecretBytes, _ algorithm: CardAlgorithm) {
        self.bytes = bytes
        self.algorithm = algorithm
    }

    /// A component that may be used.
    ///
    /// Throws `component.length`, `component.zero`, for 3DES `component.weak`, and `component.algorithm` for SSF33.
    public static func make(_ bytes: consuming SecretBytes, _ algorithm: CardAlgorithm) throws(Faults) -> KeyComponent {
        guard algorithm == .sm4 || algorithm == .tripleDES else {
            throw Faults("component.algorithm", ["algorithm": algorithm.description])
        }
        guard bytes.count == length else { throw Faults("component.length", ["count": String(bytes.count)]) }
        guard !bytes.isEqual(to: SecretBytes.filling(count: length) { _ in }) else { throw Faults("component.zero") }
        let isWeak = algorithm == .tripleDES && bytes.withSpan { BlockCipherKey.isWeak(.tripleDES, $0) }
        guard !isWeak else { throw Faults("component.weak") }
        return KeyComponent(bytes, algorithm)
    }

    /// A component drawn at random.
    ///
    /// Throws `key-store.cryptography`.
    public static func random(
        _ algorithm: CardAlgorithm,
        random: RandomSource = { count throws(CryptographyError) in try SecureRandom.secret(count) }
    ) throws(Faults) -> KeyComponent {
        try make(storing { () throws(CryptographyError) in try random(length) }, algorithm)
    }

    /// Reads 32 hexadecimal digits, with blanks between them where somebody typed them in groups.
    ///
    /// Throws `component.digits`, and what ``make(_:_:)`` throws.
    public static func read(_ text: Span<UInt8>, _ algorithm: CardAlgorithm) throws(Faults) -> KeyComponent {
        guard let bytes = SecretBytes.reading(hexadecimal: text), bytes.count == length else {
            var count = 0
            for index in text.indices where text[index] != 0x20 { count += 1 }
            throw Faults("component.digits", ["count": String(count)])
        }
        return try make(bytes, algorithm)
    }

    /// Its check value of three bytes.
    ///
    /// Throws `key-store.cryptography`.
    public func checkValue() throws(Faults) -> KeyCheckValue { try checkValue(count: 3) }

    func checkValue(count: Int) throws(Faults) -> KeyCheckValue {
        try storing { () throws(CryptographyError) in
            try bytes.withSpan { span throws(CryptographyError) in
                try KeyCheckValue(of: span, cipher: algorithm == .sm4 ? .sm4 : .tripleDES, count: count)
            }
        }
    }

    /// Whether two components have the same bytes.
    func isEqual(to other: KeyComponent) -> Bool { bytes.isEqual(to: other.bytes) }

    /// SM3(salt ‖ component): binds its custodian to the component without telling anything of it.
    func commitment(salt: borrowing SecretBytes) throws(Faults) -> [UInt8] {
        let message = opening(salt: salt)
        return try storing { () throws(CryptographyError) in
            try message.withSpan { span throws(CryptographyError) in try HashFunction.sm3.hash(span) }
        }
    }

    /// Salt ‖ component, what an envelope holds.
    func opening(salt: borrowing SecretBytes) -> SecretBytes {
        SecretBytes.filling(count: salt.count + bytes.count) { span in
            salt.withSpan { for index in $0.indices { span[index] = $0[index] } }
            bytes.withSpan { for index in $0.indices { span[salt.count + index] = $0[index] } }
        }
    }

    /// Both combined bit by bit (XOR), not yet checked.
    static func combine(_ components: [KeyComponent]) throws(CryptographyError) -> SecretBytes {
        var sum = SecretBytes.filling(count: length) { _ in }
        for component in components { sum = try sum.combined(with: component.bytes) }
        return sum
    }

    /// Lends the bytes to what is made of a root.
    func withSpan<Value: ~Copyable, Failure: Error>(
        _ body: (borrowing Span<UInt8>) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try bytes.withSpan(body)
    }
}

extension KeyComponent: CustomStringConvertible, CustomReflectable {
    /// `component` and nothing of it.
    public var description: String { "component" }
    /// Nothing to see for `dump` and debuggers.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
